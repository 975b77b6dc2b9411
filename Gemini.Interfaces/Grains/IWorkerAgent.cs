using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>
/// The worker agent of one host (paper §3.2): carries out the root agent's directives there and serves the host's trainers.
/// Key: the host's name. Always placed on that host's silo; while the silo is down every call fails with
/// <see cref="HostUnavailableException"/>. The bytes of snapshots never pass through it: they are in shared memory.
/// </summary>
[Alias("gemini.IWorkerAgent")]
public interface IWorkerAgent : IGrainWithStringKey
{
    /// <summary>From the root agent: what should be. Returns at once with what is; progress follows in reports.</summary>
    [Alias("Direct")]
    Task<HostReport> DirectAsync(HostDirective directive);

    /// <summary>From the root agent: every shard of this iteration has its m replicas.</summary>
    [Alias("Commit")]
    Task CommitAsync(Epoch epoch, Iteration iteration);

    /// <summary>From the root agent: some rank skipped this iteration, so it will never be committed.</summary>
    [Alias("Abandon")]
    Task AbandonAsync(Epoch epoch, Iteration iteration);

    /// <summary>
    /// From a trainer that said hello on the trainer socket: its rank, or null when the host has no position yet. Waits up
    /// to two seconds for one, so the caller simply asks again.
    /// </summary>
    [Alias("Join"), CallableBy(CallerKind.Trainer)]
    Task<TrainerMembership?> JoinAsync(int localIndex);

    /// <summary>From a trainer: how large its shard's payload is. Must be the same in all of the job's life.</summary>
    [Alias("DeclareShard"), CallableBy(CallerKind.Trainer)]
    Task DeclareShardAsync(Rank rank, long payloadBytes);

    /// <summary>
    /// From a trainer: where to go on from, in an epoch later than <paramref name="after"/>; null when the root agent has
    /// not decided within two seconds, so the caller simply asks again.
    /// </summary>
    [Alias("GetRestorePoint"), CallableBy(CallerKind.Trainer)]
    Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after);

    /// <summary>From a trainer: it holds the restore point's state and iterates from now on.</summary>
    [Alias("Loaded"), CallableBy(CallerKind.Trainer)]
    Task LoadedAsync(Rank rank, Epoch epoch);

    /// <summary>
    /// From a trainer: it cannot use the copy that it was told to load. A damaged copy is never offered again, and neither is a snapshot in
    /// storage that is of another training state.
    /// </summary>
    /// <returns>
    /// Whether another copy or snapshot will be named. False: the copy in memory is whole, so it is of another training state; the host
    /// keeps it for a trainer with the right options.
    /// </returns>
    [Alias("RejectCopy"), CallableBy(CallerKind.Trainer)]
    Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason);

    /// <summary>From a trainer: its shard of this snapshot is sealed in own host memory.</summary>
    [Alias("Seal"), CallableBy(CallerKind.Trainer)]
    Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash);

    /// <summary>From a trainer: it took no snapshot of this iteration, because no slot was free in time.</summary>
    [Alias("Skip"), CallableBy(CallerKind.Trainer)]
    Task SkipAsync(Rank rank, SnapshotId snapshot);

    /// <summary>
    /// From a trainer of a baseline (<see cref="StoragePolicy.IsBaseline"/>): whether it may go on, because the host has its own copy
    /// of this snapshot or is not to persist it. False after two seconds without, so the caller simply asks again.
    /// </summary>
    [Alias("Staged"), CallableBy(CallerKind.Trainer)]
    Task<bool> StagedAsync(SnapshotId snapshot);
}
