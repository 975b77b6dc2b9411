using System.Collections.Immutable;

namespace Gemini.Silo.Status;

/// <summary>One recovery.</summary>
internal sealed record StatusRecovery
{
    public required long Epoch { get; init; }

    /// <summary>Whether it is still under way; its later phases are 0 then.</summary>
    public required bool Running { get; init; }

    public required string Reason { get; init; }

    /// <summary>software or hardware.</summary>
    public required string Kind { get; init; }

    public required ImmutableArray<string> Hosts { get; init; }

    public required long ReachedIteration { get; init; }

    public required long ResumedIteration { get; init; }

    public required long IterationsLost { get; init; }

    /// <summary>The furthest that any rank needed: none, local, peer or storage.</summary>
    public required string Source { get; init; }

    public required long FailedAtUnixMs { get; init; }

    public required RecoveryPhases PhasesMs { get; init; }

    public required long TotalMs { get; init; }

    public required long FetchedBytes { get; init; }

    /// <summary>Time in which one more loss could have cost what is in memory.</summary>
    public required long ExposedMs { get; init; }

    /// <summary>When every shard had all its copies again; null while it has not, or never lacked one.</summary>
    public required long? RedundantAtUnixMs { get; init; }

    /// <summary>By rank; of the newest recoveries only.</summary>
    public required ImmutableArray<StatusRestore> Ranks { get; init; }
}
