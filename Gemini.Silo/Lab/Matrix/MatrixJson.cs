using System.Text.Json.Serialization;

namespace Gemini.Silo.Lab.Matrix;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(MatrixReport))]
internal sealed partial class MatrixJson : JsonSerializerContext;
