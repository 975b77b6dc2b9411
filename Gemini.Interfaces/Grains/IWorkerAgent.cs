using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The worker agent of one host (paper §3.2): carries out the root agent's directives on its host and serves the host's trainers. Key: the host's
/// name. Always placed on that host's silo; while the silo is down, every call fails with <see cref="HostUnavailableException"/>. The bytes of
/// snapshots never pass through this grain: they are in shared memory.
/// </summary>
[Alias("gemini.IWorkerAgent")]
public interface IWorkerAgent : IGrainWithStringKey
{
    /// <summary>From the root agent: the state that the host should reach. Returns the host's present state at once. Progress follows in reports.</summary>
    [Alias("Direct")]
    Task<HostReport> DirectAsync(HostDirective directive);

    /// <summary>From the root agent: every shard of this iteration has its m replicas.</summary>
    [Alias("Commit")]
    Task CommitAsync(Epoch epoch, Iteration iteration);

    /// <summary>From the root agent: some rank skipped this iteration, so it will never be committed.</summary>
    [Alias("Abandon")]
    Task AbandonAsync(Epoch epoch, Iteration iteration);

    /// <summary>
    /// From a trainer that has sent its hello on the trainer socket. Returns its rank, or null if the host still has no position after two seconds.
    /// The caller then asks again.
    /// </summary>
    [Alias("Join"), CallableBy(CallerKind.Trainer)]
    Task<TrainerMembership?> JoinAsync(int localIndex);

    /// <summary>From a trainer: the size of its shard's payload. The size must stay the same for the whole life of the job.</summary>
    [Alias("DeclareShard"), CallableBy(CallerKind.Trainer)]
    Task DeclareShardAsync(Rank rank, long payloadBytes);

    /// <summary>
    /// From a trainer: asks from where to continue, in an epoch later than <paramref name="after"/>. Returns null if there is no such restore point
    /// within two seconds. The caller then asks again.
    /// </summary>
    [Alias("GetRestorePoint"), CallableBy(CallerKind.Trainer)]
    Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after);

    /// <summary>From a trainer: it has loaded the restore point's state and trains from now on.</summary>
    [Alias("Loaded"), CallableBy(CallerKind.Trainer)]
    Task LoadedAsync(Rank rank, Epoch epoch);

    /// <summary>
    /// From a trainer: it cannot use the copy that it was told to load. The host never offers a damaged copy again. It also never offers again a
    /// snapshot in storage that belongs to another training state.
    /// </summary>
    /// <returns>
    /// True: a new plan will name another copy or snapshot. False: the copy in memory matches its hash, so it belongs to another training state; the
    /// host keeps it for a trainer with the right options.
    /// </returns>
    [Alias("RejectCopy"), CallableBy(CallerKind.Trainer)]
    Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason);

    /// <summary>From a trainer: its shard of this snapshot is sealed in own host memory.</summary>
    [Alias("Seal"), CallableBy(CallerKind.Trainer)]
    Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash);

    /// <summary>
    /// From a trainer: it has no snapshot of this iteration, because no slot was free in time or the save failed. A trainer that may have missed the
    /// result of its pending snapshot also sends this for that snapshot.
    /// </summary>
    [Alias("Skip"), CallableBy(CallerKind.Trainer)]
    Task SkipAsync(Rank rank, SnapshotId snapshot);

    /// <summary>
    /// From a trainer of a baseline (<see cref="StoragePolicy.IsBaseline"/>): whether it may continue. True if the host has its own copy of this
    /// snapshot, or does not have to persist it. False if neither is the case within two seconds. The caller then asks again.
    /// </summary>
    [Alias("Staged"), CallableBy(CallerKind.Trainer)]
    Task<bool> StagedAsync(SnapshotId snapshot);
}
