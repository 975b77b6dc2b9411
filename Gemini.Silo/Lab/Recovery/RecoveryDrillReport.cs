using System.Collections.Immutable;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Lab.Recovery;

/// <summary>What <c>gemini drill recovery</c> measured. Times in milliseconds, from the killer's clock right before the kill.</summary>
internal sealed record RecoveryDrillReport
{
    public required int Hosts { get; init; }

    public required int Replicas { get; init; }

    public required int Standbys { get; init; }

    public required int Spares { get; init; }

    public required string Model { get; init; }

    /// <summary>Processors of the machine that all hosts share.</summary>
    public required int Processors { get; init; }

    /// <summary>The duration of an iteration before the first failure, when nothing else runs. Each recovery includes one iteration.</summary>
    public required double IterationMs { get; init; }

    public required RecoveryDrillSummary Software { get; init; }

    public required RecoveryDrillSummary Hardware { get; init; }

    /// <summary>Every failure, in the order in which they were made.</summary>
    public required ImmutableArray<ReportedFailure> Failures { get; init; }

    /// <summary>The newest committed iteration at the end, whose state is compared.</summary>
    public required long Iteration { get; init; }

    public required string? FinalStateHash { get; init; }

    /// <summary>The same hash of an uninterrupted run; null if none was made.</summary>
    public required string? ReferenceStateHash { get; init; }

    /// <summary>Whether the two hashes are equal; null if there is nothing to compare.</summary>
    public bool? Identical => ReferenceStateHash is null ? null : FinalStateHash == ReferenceStateHash;
}
