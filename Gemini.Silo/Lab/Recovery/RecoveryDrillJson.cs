using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Silo.Lab.Recovery;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RecoveryDrillReport))]
internal sealed partial class RecoveryDrillJson : JsonSerializerContext
{
    public static string Format(RecoveryDrillReport report) => JsonSerializer.Serialize(report, Default.RecoveryDrillReport) + "\n";
}
