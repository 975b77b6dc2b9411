using Gemini.Interfaces.Model;

namespace Gemini.Silo.Transfer;

/// <summary>The snapshot that a holder should hold: the target state of a <see cref="ReplicaSender"/>.</summary>
/// <param name="Snapshot">The snapshot to send.</param>
/// <param name="Epoch">The epoch in which it is sent.</param>
/// <param name="Keep">The newest committed iteration; the holder does not overwrite the copy of it.</param>
internal sealed record ReplicaOffer(SnapshotId Snapshot, Epoch Epoch, Iteration Keep)
{
    /// <summary>Whether a transfer for the other offer fulfils this one too.</summary>
    public bool IsServedBy(ReplicaOffer other) => Snapshot == other.Snapshot && Epoch == other.Epoch;
}
