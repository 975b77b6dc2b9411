using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>A store in plain memory, with faults on demand.</summary>
internal sealed class MemoryStore : ISnapshotStore
{
    private readonly ConcurrentDictionary<(SnapshotId Snapshot, Rank Owner), byte[]> _shards = new();
    private readonly ConcurrentDictionary<SnapshotId, ImmutableArray<StoredShard>> _manifests = new();
    private int _writes;
    private int _reads;
    private int _readsEnded;

    public string Location => "memory";

    /// <summary>Why every operation fails now; null if none does.</summary>
    public string? Problem { get; set; }

    /// <summary>When set, writes wait for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>When set, reads and listings hang until it completes; nothing cancels them.</summary>
    public TaskCompletionSource? Hang { get; set; }

    public int Writes => Volatile.Read(ref _writes);

    public int Reads => Volatile.Read(ref _reads);

    public int ReadsEnded => Volatile.Read(ref _readsEnded);

    public byte[] Bytes(SnapshotId snapshot, Rank owner) => _shards[(snapshot, owner)];

    public async Task<StoreOutcome> WriteShardAsync(SnapshotId snapshot, IShardSource shard, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _writes);
        if (Gate is { } gate) await gate.Task.WaitAsync(ct);
        if (Problem is { } problem) return new StoreOutcome(StoreResult.Unavailable, problem);
        _shards[(snapshot, shard.Description.Owner)] = [.. Enumerable.Range(0, shard.ChunkCount).SelectMany(index => shard.Chunk(index).ToArray())];
        return StoreOutcome.Completed;
    }

    public Task<StoreOutcome> CompleteAsync(SnapshotId snapshot, ImmutableArray<StoredShard> shards, CancellationToken ct) => Task.FromResult(Complete(snapshot, shards));

    public async Task<StoreListing> ListAsync(CancellationToken ct)
    {
        if (Hang is { } hang) await hang.Task;
        return Problem is { } problem
            ? new StoreListing([], [problem])
            : new StoreListing([.. _manifests.OrderByDescending(entry => entry.Key).Select(entry => new StoredSnapshot(entry.Key, entry.Value))], []);
    }

    public async Task<StoreOutcome> ReadShardAsync(SnapshotId snapshot, StoredShard shard, IShardTarget target, CancellationToken ct)
    {
        Interlocked.Increment(ref _reads);
        if (Hang is { } hang) await hang.Task;
        var outcome = Problem is { } problem ? new StoreOutcome(StoreResult.Unavailable, problem) : Read(snapshot, shard, target);
        Interlocked.Increment(ref _readsEnded);
        return outcome;
    }

    public Task<StoreOutcome> TidyAsync(int keep, CancellationToken ct)
    {
        var complete = _manifests.Keys.OrderDescending().ToList();
        foreach (var old in complete.Skip(keep)) _manifests.TryRemove(old, out _);
        foreach (var key in _shards.Keys.Where(key => complete.Count > 0 && key.Snapshot.CompareTo(complete[0]) < 0 && !_manifests.ContainsKey(key.Snapshot)))
            _shards.TryRemove(key, out _);
        return Task.FromResult(StoreOutcome.Completed);
    }

    private StoreOutcome Complete(SnapshotId snapshot, ImmutableArray<StoredShard> shards)
    {
        if (Problem is { } problem) return new StoreOutcome(StoreResult.Unavailable, problem);
        if (shards.FirstOrDefault(shard => !_shards.ContainsKey((snapshot, shard.Owner))) is { } missing)
            return new StoreOutcome(StoreResult.Missing, $"{StoreLayout.ShardName(missing.Owner)} is missing");
        return _manifests.GetOrAdd(snapshot, shards).SequenceEqual(shards) ? StoreOutcome.Completed : new StoreOutcome(StoreResult.Foreign, "another one");
    }

    private StoreOutcome Read(SnapshotId snapshot, StoredShard shard, IShardTarget target)
    {
        if (!_shards.TryGetValue((snapshot, shard.Owner), out var bytes)) return new StoreOutcome(StoreResult.Missing, "it is missing");
        var offset = 0;
        for (var index = 0; index < target.ChunkCount; index++)
        {
            var chunk = target.Chunk(index).Span;
            bytes.AsSpan(offset, chunk.Length).CopyTo(chunk);
            offset += chunk.Length;
            if (!target.Complete(index)) return new StoreOutcome(StoreResult.Overtaken, "overtaken");
        }

        return StoreOutcome.Completed;
    }
}
