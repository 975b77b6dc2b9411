using System.Collections.Immutable;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>One failure of a report.</summary>
internal sealed record DemoFailure(
    string Kind, string Host, long AtIteration, long LostIterations, long ResumedIteration, string Source,
    ImmutableDictionary<string, long> PhasesMs, long TotalMs)
{
    /// <summary>The phases of every recovery, in their order.</summary>
    public static readonly ImmutableArray<string> Phases = ["detect", "decide", "replace", "fetch", "load", "resume"];

    public long DetectMs => PhasesMs["detect"];
}
