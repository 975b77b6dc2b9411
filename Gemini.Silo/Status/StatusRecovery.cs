using System.Collections.Immutable;

namespace Gemini.Silo.Status;

/// <summary>One recovery.</summary>
internal sealed record StatusRecovery
{
    public required long Epoch { get; init; }

    /// <summary>Whether the recovery still runs; its later phases are then 0.</summary>
    public required bool Running { get; init; }

    public required string Reason { get; init; }

    /// <summary>software, hardware or planned.</summary>
    public required string Kind { get; init; }

    public required ImmutableArray<string> Hosts { get; init; }

    public required long ReachedIteration { get; init; }

    public required long ResumedIteration { get; init; }

    public required long IterationsLost { get; init; }

    /// <summary>The farthest source that any rank needed: none, local, peer or storage.</summary>
    public required string Source { get; init; }

    public required long FailedAtUnixMs { get; init; }

    public required RecoveryPhases PhasesMs { get; init; }

    public required long TotalMs { get; init; }

    public required long FetchedBytes { get; init; }

    /// <summary>How long one more loss could have cost the snapshot in memory.</summary>
    public required long ExposedMs { get; init; }

    /// <summary>When every shard had all its copies again; null while one still lacks a copy, or if none ever did.</summary>
    public required long? RedundantAtUnixMs { get; init; }

    /// <summary>By rank. Only the newest recoveries have this.</summary>
    public required ImmutableArray<StatusRestore> Ranks { get; init; }
}
