using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Sends one own shard to one holder. It is told which snapshot the holder should have, and tries until the holder has it or the link is disposed.
/// </summary>
/// <remarks>
/// Level-triggered. It knows the newest offer and the newest acknowledgement; while they differ, it tries again after a pause. A newer offer replaces
/// an older one. No call blocks.
/// </remarks>
public interface IReplicaLink : IAsyncDisposable
{
    /// <summary><see cref="Problem"/> has changed. Any thread, under no lock.</summary>
    event Action? ProblemChanged;

    /// <summary>Why the holder does not have the offered snapshot; null if the holder has it, or while the first attempt runs.</summary>
    ReplicationProblem? Problem { get; }

    /// <summary>
    /// The holder should have this snapshot from now on. The offer is ignored if its epoch is older than the last <see cref="Reset"/>, or if the
    /// snapshot is older than the one that is offered or acknowledged. A repeated offer may raise <paramref name="keep"/>: the iteration whose copy
    /// the holder does not overwrite.
    /// </summary>
    void Offer(SnapshotId snapshot, Epoch epoch, Iteration keep);

    /// <summary>The snapshot is not wanted any more. An offer of another snapshot stays.</summary>
    void Withdraw(SnapshotId snapshot);

    /// <summary>
    /// A new epoch begins: drops the offer, forgets what was acknowledged, and ignores offers of older epochs. A transfer that runs ends at once.
    /// </summary>
    void Reset(Epoch epoch);
}
