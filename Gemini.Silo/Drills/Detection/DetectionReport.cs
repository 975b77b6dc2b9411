using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gemini.Silo.Drills.Detection;

/// <summary>What <c>gemini drill detect --report</c> writes.</summary>
internal sealed record DetectionReport(string Profile, string Model, int Hosts, int Cores, ImmutableArray<FaultResult> Faults)
{
    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, DetectionReportJson.Default.DetectionReport) + "\n");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DetectionReport))]
internal sealed partial class DetectionReportJson : JsonSerializerContext;
