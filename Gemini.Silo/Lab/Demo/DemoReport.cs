using System.Collections.Immutable;

namespace Gemini.Silo.Lab.Demo;

/// <summary>What a demo run was and what it measured, as written by <c>--report</c>. Times in milliseconds.</summary>
internal sealed record DemoReport
{
    /// <summary>What the job did with its checkpoints: such as "marked".</summary>
    public required string Mode { get; init; }

    public required int Hosts { get; init; }

    public required int Replicas { get; init; }

    public required long Iterations { get; init; }

    public required string Model { get; init; }

    /// <summary>Number of parameters that the whole model trains.</summary>
    public required long Parameters { get; init; }

    /// <summary>Payload of one rank's shard.</summary>
    public required long ShardBytes { get; init; }

    public required long Seed { get; init; }

    public required double IterationMsMedian { get; init; }

    public required ImmutableArray<ReportedFailure> Failures { get; init; }

    /// <summary>The largest number of iterations by which the committed iteration was behind the trained one.</summary>
    public required long CommittedLagMax { get; init; }

    /// <summary>Saves that ranks skipped because no slot became free in time: the iteration has no snapshot, and training went on.</summary>
    public long SkippedSaves { get; init; }

    /// <summary>Hash of the state after the last iteration, over all ranks; null if it was not reached.</summary>
    public required string? FinalStateHash { get; init; }

    /// <summary>The same hash of an uninterrupted run; null if none was made.</summary>
    public required string? ReferenceStateHash { get; init; }

    /// <summary>Whether the two hashes are equal; null if there is nothing to compare.</summary>
    public required bool? Identical { get; init; }
}
