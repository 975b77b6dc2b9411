using Gemini.Interfaces.Model;

namespace Gemini.Silo.Transfer;

/// <summary>What a holder should hold: the level that a <see cref="ReplicaSender"/> works towards.</summary>
/// <param name="Snapshot">The snapshot to send.</param>
/// <param name="Epoch">The epoch in which it is sent.</param>
/// <param name="Keep">The newest committed iteration; the holder does not overwrite its copy.</param>
internal sealed record ReplicaOffer(SnapshotId Snapshot, Epoch Epoch, Iteration Keep)
{
    /// <summary>Whether a transfer of the other offer serves this one too.</summary>
    public bool IsServedBy(ReplicaOffer other) => Snapshot == other.Snapshot && Epoch == other.Epoch;
}
