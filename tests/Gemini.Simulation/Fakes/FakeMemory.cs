using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>Sealed replicas, two slots a shard. Outlives its silo; dies with its host.</summary>
internal sealed class FakeMemory
{
    private readonly Dictionary<Rank, List<Replica>> _shards = [];
    private readonly HashSet<(Rank, SnapshotId)> _rotten = [];

    public IEnumerable<Replica> All => _shards.OrderBy(shard => shard.Key).SelectMany(shard => shard.Value);

    public ImmutableArray<Replica> Inventory() => [.. All];

    public IEnumerable<Replica> Of(Rank owner) => _shards.GetValueOrDefault(owner, []);

    public Replica? Find(Rank owner, SnapshotId snapshot) =>
        _shards.TryGetValue(owner, out var slots) ? slots.Find(replica => replica.Snapshot == snapshot) : null;

    /// <summary>Takes the slot that does not hold <paramref name="keep"/>, the newest committed iteration.</summary>
    public void Store(Replica replica, Iteration keep)
    {
        if (!_shards.TryGetValue(replica.Owner, out var slots)) _shards.Add(replica.Owner, slots = []);
        if (slots.Exists(slot => slot.Snapshot == replica.Snapshot)) return;
        if (slots.Count == 2) slots.Remove(slots.Where(slot => slot.Snapshot.Iteration != keep).MinBy(slot => slot.Snapshot)!);
        if (slots.Count == 2) throw new InvalidOperationException($"Both slots of rank {replica.Owner} hold iteration {keep}.");
        slots.Add(replica);
    }

    public void DiscardNewerThan(SnapshotId snapshot)
    {
        foreach (var slots in _shards.Values) slots.RemoveAll(replica => replica.Snapshot.CompareTo(snapshot) > 0);
    }

    public void ReleaseExcept(IReadOnlySet<Rank> owners)
    {
        foreach (var owner in _shards.Keys.Except(owners).ToList()) _shards.Remove(owner);
    }

    public void Clear() => _shards.Clear();

    /// <summary>From now on the bytes of this copy do not match its hash. Only a read finds this.</summary>
    public void Rot(Rank owner, SnapshotId snapshot) => _rotten.Add((owner, snapshot));

    /// <summary>The same for every copy of the shard.</summary>
    public void Rot(Rank owner)
    {
        foreach (var replica in Of(owner)) Rot(owner, replica.Snapshot);
    }

    /// <summary>Reads a copy, verified; a rotten one is never offered again.</summary>
    public Replica? Read(Rank owner, SnapshotId snapshot)
    {
        if (!_rotten.Remove((owner, snapshot))) return Find(owner, snapshot);
        if (_shards.TryGetValue(owner, out var slots)) slots.RemoveAll(replica => replica.Snapshot == snapshot);
        return null;
    }
}
