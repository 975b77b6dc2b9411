using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>A store whose operations are those of a <see cref="MemoryStore"/>, except for the ones that a test replaces.</summary>
internal sealed class ScriptedStore : ISnapshotStore
{
    private int _lists;

    public MemoryStore Real { get; } = new();

    public Func<Task<StoreListing>>? List { get; set; }

    public Func<IShardTarget, Task<StoreOutcome>>? Read { get; set; }

    public Func<StoreOutcome>? Complete { get; set; }

    public Func<StoreOutcome>? Tidy { get; set; }

    /// <summary>How many listings have begun.</summary>
    public int Lists => Volatile.Read(ref _lists);

    public string Location => "memory";

    public Task<StoreOutcome> WriteShardAsync(SnapshotId snapshot, IShardSource shard, CancellationToken ct) => Real.WriteShardAsync(snapshot, shard, ct);

    public Task<StoreOutcome> CompleteAsync(SnapshotId snapshot, ImmutableArray<StoredShard> shards, CancellationToken ct) =>
        Complete is { } complete ? Task.FromResult(complete()) : Real.CompleteAsync(snapshot, shards, ct);

    public Task<StoreListing> ListAsync(CancellationToken ct)
    {
        Interlocked.Increment(ref _lists);
        return List is { } list ? list() : Real.ListAsync(ct);
    }

    public Task<StoreOutcome> ReadShardAsync(SnapshotId snapshot, StoredShard shard, IShardTarget target, CancellationToken ct) =>
        Read is { } read ? read(target) : Real.ReadShardAsync(snapshot, shard, target, ct);

    public Task<StoreOutcome> TidyAsync(int keep, CancellationToken ct) => Tidy is { } tidy ? Task.FromResult(tidy()) : Real.TidyAsync(keep, ct);
}
