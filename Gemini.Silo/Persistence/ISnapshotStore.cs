using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>
/// Persistent storage of one job's snapshots, shared by all its hosts. A snapshot is complete when its manifest is there,
/// and the manifest comes last; whatever a crash leaves before that is no snapshot. Expected failures are values. Thread safe.
/// </summary>
internal interface ISnapshotStore
{
    /// <summary>Where it is, for people.</summary>
    string Location { get; }

    /// <summary>
    /// Stores one shard; durable when this completes. Repeatable: a second write of the same shard replaces the first.
    /// Ownership: the source stays the caller's and does not change until the task ends.
    /// </summary>
    /// <exception cref="OperationCanceledException">Between two chunks.</exception>
    Task<StoreOutcome> WriteShardAsync(SnapshotId snapshot, IShardSource shard, CancellationToken ct);

    /// <summary>
    /// Makes a snapshot complete, if all its shards are there; durable when this completes. Repeatable. A different snapshot
    /// of the same name is never replaced: <see cref="StoreResult.Foreign"/>.
    /// </summary>
    Task<StoreOutcome> CompleteAsync(SnapshotId snapshot, ImmutableArray<StoredShard> shards, CancellationToken ct);

    /// <summary>What is there. Reads manifests and sizes, not payloads.</summary>
    Task<StoreListing> ListAsync(CancellationToken ct);

    /// <summary>
    /// Reads one shard into its target, chunk by chunk and in order. The bytes are not verified here: the target hashes each
    /// chunk where it lies, and the caller compares.
    /// </summary>
    Task<StoreOutcome> ReadShardAsync(SnapshotId snapshot, StoredShard shard, IShardTarget target, CancellationToken ct);

    /// <summary>
    /// Removes complete snapshots beyond the newest <paramref name="keep"/>, and what is left of incomplete ones older than the
    /// newest complete one. The newest complete one is never removed, and nothing is that is not this job's.
    /// </summary>
    Task<StoreOutcome> TidyAsync(int keep, CancellationToken ct);
}
