using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>
/// Persistent storage of one job's snapshots, shared by all its hosts. A snapshot is complete if its manifest is there. The manifest is written last,
/// so the leftovers of an earlier crash are no snapshot. Expected failures are return values. Thread-safe.
/// </summary>
internal interface ISnapshotStore
{
    /// <summary>The place of the store, for people.</summary>
    string Location { get; }

    /// <summary>
    /// Stores one shard. When the task completes, the shard is durable. Repeatable: a second write of the same shard replaces the first. Ownership:
    /// the caller keeps the source, and does not change it until the task ends.
    /// </summary>
    /// <exception cref="OperationCanceledException">Between two chunks.</exception>
    Task<StoreOutcome> WriteShardAsync(SnapshotId snapshot, IShardSource shard, CancellationToken ct);

    /// <summary>
    /// Makes a snapshot complete, if all its shards are there. When the task completes, that is durable. Repeatable. Never replaces a different
    /// snapshot of the same name; the outcome is then <see cref="StoreResult.Foreign"/>.
    /// </summary>
    Task<StoreOutcome> CompleteAsync(SnapshotId snapshot, ImmutableArray<StoredShard> shards, CancellationToken ct);

    /// <summary>Lists the stored snapshots. Reads manifests and file sizes, not payloads.</summary>
    Task<StoreListing> ListAsync(CancellationToken ct);

    /// <summary>
    /// Reads one shard into its target, chunk by chunk and in order. The store does not verify the bytes: the target hashes each chunk, and the
    /// caller compares the hash of the whole.
    /// </summary>
    Task<StoreOutcome> ReadShardAsync(SnapshotId snapshot, StoredShard shard, IShardTarget target, CancellationToken ct);

    /// <summary>
    /// Removes the complete snapshots that are not among the newest <paramref name="keep"/>, and the leftovers of incomplete ones that are older than
    /// the newest complete one. Never removes the newest complete snapshot, or files that are not this job's.
    /// </summary>
    Task<StoreOutcome> TidyAsync(int keep, CancellationToken ct);
}
