using System.Text.Json.Serialization;

namespace Gemini.Silo.Drills;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MatrixReport))]
internal sealed partial class DrillJson : JsonSerializerContext;
