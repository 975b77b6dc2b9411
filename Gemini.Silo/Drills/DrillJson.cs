using System.Text.Json.Serialization;

namespace Gemini.Silo.Drills;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MatrixReport))]
[JsonSerializable(typeof(ChaosReport))]
internal sealed partial class DrillJson : JsonSerializerContext;
