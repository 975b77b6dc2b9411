using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Persistence;

/// <summary>What the coordinator knows at one moment, as far as it matters to persisting.</summary>
public sealed record PersistObservation
{
    public required long Now { get; init; }

    public required Epoch Epoch { get; init; }

    /// <summary>Training is under way, so an iteration that is named now will be captured.</summary>
    public required bool IsTraining { get; init; }

    public required Iteration Committed { get; init; }

    /// <summary>
    /// The committed snapshot that must be in storage before the job ends, whatever the policy says. No rank trains any more, so the snapshot stays
    /// in its slots. Null: training continues, or that snapshot is in storage.
    /// </summary>
    public SnapshotId? Last { get; init; }

    /// <summary>The newest iteration that any rank has finished.</summary>
    public required Iteration Reached { get; init; }

    /// <summary>Iterations that the job is to run; 0 if the job does not say.</summary>
    public long Total { get; init; }

    /// <summary>The newest report of the present host at each position; null if there is none.</summary>
    public required ImmutableArray<HostReport?> Reports { get; init; }
}
