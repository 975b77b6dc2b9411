using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

/// <summary>The directory of persistent storage that all machines see. It outlives everything else.</summary>
internal sealed class SharedStorage(World world)
{
    private readonly Dictionary<SnapshotId, SortedDictionary<Rank, ulong>> _shards = [];
    private readonly SortedSet<SnapshotId> _complete = [];
    private readonly HashSet<SnapshotId> _rotten = [];

    /// <summary>Storage does not answer.</summary>
    public bool IsAway { get; set; }

    /// <summary>Storage accepts no write. It can be read.</summary>
    public bool IsFull { get; set; }

    public ImmutableArray<StoredSnapshot> Complete =>
    [
        .. _complete.Reverse().Select(snapshot => new StoredSnapshot(
            snapshot, [.. _shards[snapshot].Select(shard => new StoredShard(shard.Key, new ContentHash(shard.Value), Slot.BytesOf(shard.Key), 1 << 20))])),
    ];

    /// <summary>Snapshots from which a job can resume.</summary>
    public IEnumerable<SnapshotId> Sound => _complete.Except(_rotten);

    public void Write(SnapshotId snapshot, Rank owner, ulong content)
    {
        if (!_shards.TryGetValue(snapshot, out var shards)) _shards.Add(snapshot, shards = []);
        shards[owner] = content;
    }

    public void CompleteSnapshot(SnapshotId snapshot)
    {
        if (!_complete.Add(snapshot)) return;
        world.Statistics.Persisted();
        while (_complete.Count > world.Job.Storage!.Keep) _complete.Remove(_complete.Min);
    }

    public void RotNewest()
    {
        if (_complete.Count > 0) _rotten.Add(_complete.Max);
    }

    /// <summary>The stored hash and the actual bytes; null if the snapshot is not complete in storage.</summary>
    public (ContentHash Hash, ulong Content)? Read(SnapshotId snapshot, Rank owner)
    {
        if (!_complete.Contains(snapshot) || !_shards[snapshot].TryGetValue(owner, out var content)) return null;
        return (new ContentHash(content), _rotten.Contains(snapshot) ? content ^ 1 : content);
    }
}
