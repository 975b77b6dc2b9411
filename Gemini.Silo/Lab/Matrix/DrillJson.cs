using System.Text.Json.Serialization;
using Gemini.Silo.Lab.Chaos;

namespace Gemini.Silo.Lab.Matrix;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MatrixReport))]
[JsonSerializable(typeof(ChaosReport))]
internal sealed partial class DrillJson : JsonSerializerContext;
