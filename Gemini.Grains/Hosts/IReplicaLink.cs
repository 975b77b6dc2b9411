using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>Keeps one holder supplied with one own shard: it is told what the holder should have, and sees to it until it is disposed.</summary>
/// <remarks>
/// Level-triggered. It knows the newest offer and the newest acknowledgement; while they differ, it tries again after a pause. A newer offer takes the
/// place of an older one. No call waits.
/// </remarks>
public interface IReplicaLink : IAsyncDisposable
{
    /// <summary><see cref="Problem"/> has changed. Any thread, under no lock.</summary>
    event Action? ProblemChanged;

    /// <summary>Why the holder does not have what it should; null when it does, or while the first attempt runs.</summary>
    ReplicationProblem? Problem { get; }

    /// <summary>
    /// What the holder should have from now on. An offer is ignored if it is of an older epoch than the last <see cref="Reset"/>, or older than what is
    /// offered or acknowledged. A repetition may raise <paramref name="keep"/>: the iteration whose copy the holder does not overwrite.
    /// </summary>
    void Offer(SnapshotId snapshot, Epoch epoch, Iteration keep);

    /// <summary>The snapshot is not wanted any more. Another offer stands.</summary>
    void Withdraw(SnapshotId snapshot);

    /// <summary>A new epoch: drops the offer, forgets what was acknowledged, and ignores offers of older epochs. A transfer that runs ends at once.</summary>
    void Reset(Epoch epoch);
}
