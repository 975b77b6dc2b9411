using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>Persistent storage that all fake hosts share. It outlives everything else.</summary>
internal sealed class FakeStore
{
    private readonly Dictionary<SnapshotId, Dictionary<Rank, StoredShard>> _shards = [];
    private readonly SortedSet<SnapshotId> _complete = [];
    private readonly HashSet<SnapshotId> _rotten = [];

    /// <summary>Why it accepts no write now; null if it does.</summary>
    public string? Problem { get; set; }

    public ImmutableArray<StoredSnapshot> Complete =>
        [.. _complete.Reverse().Select(snapshot => new StoredSnapshot(snapshot, [.. _shards[snapshot].OrderBy(shard => shard.Key).Select(shard => shard.Value)]))];

    public void Write(SnapshotId snapshot, StoredShard shard)
    {
        if (!_shards.TryGetValue(snapshot, out var shards)) _shards.Add(snapshot, shards = []);
        shards[shard.Owner] = shard;
    }

    public void CompleteSnapshot(SnapshotId snapshot) => _complete.Add(snapshot);

    /// <summary>The bytes of the newest complete snapshot no longer match their hashes. Only a read finds this.</summary>
    public void RotNewest() => _rotten.Add(_complete.Max);

    /// <summary>A verified copy, or null.</summary>
    public Replica? Read(SnapshotId snapshot, Rank owner) =>
        _complete.Contains(snapshot) && !_rotten.Contains(snapshot) && _shards[snapshot].TryGetValue(owner, out var shard)
            ? new Replica(owner, snapshot, shard.Hash, shard.PayloadBytes)
            : null;
}
