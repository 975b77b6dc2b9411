using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The calls that a trainer makes of its host's worker agent. The bytes of snapshots are not in them: those are in shared memory. Every call may be
/// repeated.
/// </summary>
[Alias("gemini.ITrainerService")]
public interface ITrainerService
{
    /// <summary>
    /// From a trainer that has sent its hello on the trainer socket. Returns its rank, or null if the host still has no position after two seconds.
    /// The caller then asks again.
    /// </summary>
    [Alias("Join"), CallableBy(CallerKind.Trainer)]
    Task<TrainerMembership?> JoinAsync(int localIndex);

    /// <summary>The size of the shard's payload. The size must stay the same for the whole life of the job.</summary>
    [Alias("DeclareShard"), CallableBy(CallerKind.Trainer)]
    Task DeclareShardAsync(Rank rank, long payloadBytes);

    /// <summary>
    /// Asks from where to continue, in an epoch later than <paramref name="after"/>. Returns null if there is no such restore point within two
    /// seconds. The caller then asks again.
    /// </summary>
    [Alias("GetRestorePoint"), CallableBy(CallerKind.Trainer)]
    Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after);

    /// <summary>The trainer has loaded the restore point's state and trains from now on.</summary>
    [Alias("Loaded"), CallableBy(CallerKind.Trainer)]
    Task LoadedAsync(Rank rank, Epoch epoch);

    /// <summary>
    /// The trainer cannot use the copy that it was told to load. The host never offers a damaged copy again. It also never offers again a snapshot in
    /// storage that belongs to another training state.
    /// </summary>
    /// <returns>
    /// True: a new plan will name another copy or snapshot. False: the copy in memory matches its hash, so it belongs to another training state; the
    /// host keeps it for a trainer with the right options.
    /// </returns>
    [Alias("RejectCopy"), CallableBy(CallerKind.Trainer)]
    Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason);

    /// <summary>The trainer's shard of this snapshot is sealed in own host memory.</summary>
    [Alias("Seal"), CallableBy(CallerKind.Trainer)]
    Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash);

    /// <summary>
    /// The trainer has no snapshot of this iteration, because no slot was free in time or the save failed. A trainer that may have missed the result
    /// of its pending snapshot also sends this for that snapshot.
    /// </summary>
    [Alias("Skip"), CallableBy(CallerKind.Trainer)]
    Task SkipAsync(Rank rank, SnapshotId snapshot);

    /// <summary>
    /// From a trainer whose saves wait for storage (<see cref="SaveWait.Staged"/>): whether it may continue. True if the host has its own copy of this
    /// snapshot, or does not have to persist it. False if neither is the case within two seconds. The caller then asks again.
    /// </summary>
    [Alias("Staged"), CallableBy(CallerKind.Trainer)]
    Task<bool> StagedAsync(SnapshotId snapshot);
}
