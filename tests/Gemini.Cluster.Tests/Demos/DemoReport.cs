using System.Collections.Immutable;
using System.Text.Json;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>A report as a reader of the documentation expects it. It uses none of the program's own types.</summary>
internal sealed record DemoReport(
    int Hosts, int Replicas, long Iterations, string Model, long Parameters, long ShardBytes, long Seed, double IterationMsMedian,
    ImmutableArray<DemoFailure> Failures, long CommittedLagMax, long SkippedSaves, string? FinalStateHash, string? ReferenceStateHash, bool? Identical, string Mode)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static DemoReport Load(string path) => JsonSerializer.Deserialize<DemoReport>(File.ReadAllText(path), Format)!;
}
