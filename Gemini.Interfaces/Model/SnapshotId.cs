namespace Gemini.Interfaces.Model;

/// <summary>
/// Names one snapshot of the whole job: the iteration and the epoch in which it was captured. Two captures of the same
/// iteration in different epochs are different snapshots, and their shards are never mixed.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.SnapshotId")]
public readonly record struct SnapshotId(Iteration Iteration, Epoch Epoch) : IComparable<SnapshotId>
{
    /// <summary>The newer iteration wins; of two captures of one iteration, the later epoch.</summary>
    public int CompareTo(SnapshotId other) =>
        Iteration != other.Iteration ? Iteration.CompareTo(other.Iteration) : Epoch.CompareTo(other.Epoch);

    public override string ToString() => $"{Iteration}@{Epoch}";
}
