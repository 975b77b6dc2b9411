using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Commit;

/// <summary>
/// The ledger of one placement group: rank × snapshot × holder × hash. Decides when a snapshot is complete in the group.
/// Pure: no clock, no I/O.
/// </summary>
/// <remarks>
/// Invariants: a holder is counted only if the placement asks its position for the shard. All counted holders of a shard agree on its hash; the
/// owner's announcement decides which hash that is. An announcement of an epoch before <see cref="Epoch"/> is ignored. In a new epoch the ledger
/// starts empty, and hosts announce again what they hold.
/// Bounded: the ledger keeps the <see cref="RetainedSnapshots"/> newest captures. A capture of a later epoch is newer, whatever its iteration:
/// captures that a rollback left behind must not displace the snapshots that are taken after it.
/// </remarks>
public sealed class CommitLedger(JobSpec job, PlacementPlan placement, PlacementGroup group)
{
    /// <summary>A shard has two slots, so at most two snapshots are live. Twice that number leaves room for late announcements.</summary>
    public const int RetainedSnapshots = 4;

    private readonly SortedDictionary<SnapshotId, Dictionary<Rank, ShardEntry>> _snapshots = [];
    private readonly ImmutableArray<Rank> _ranks = RanksOf(job, placement, group);

    public Epoch Epoch { get; private set; }

    /// <summary>Takes in what a host holds. Idempotent: the same announcement again changes nothing.</summary>
    public LedgerOutcome Announce(HostPosition holder, Epoch epoch, ImmutableArray<Replica> replicas, ImmutableArray<Iteration> skipped)
    {
        if (epoch < Epoch || !group.Members.Contains(holder)) return LedgerOutcome.Nothing;
        if (epoch > Epoch) StartEpoch(epoch);

        var conflicts = ImmutableArray.CreateBuilder<ReplicaConflict>();
        var touched = new SortedSet<SnapshotId>();
        foreach (var replica in replicas.Where(replica => IsExpected(holder, replica)))
        {
            touched.Add(replica.Snapshot);
            if (Entry(replica).Count(replica, holder, job.PositionOf(replica.Owner)) is { } conflict) conflicts.Add(conflict);
        }

        while (_snapshots.Count > RetainedSnapshots) _snapshots.Remove(_snapshots.Keys.MinBy(key => (key.Epoch, key.Iteration)));
        Invariant.Check(_snapshots.Count <= RetainedSnapshots, $"the ledger of group {group.Index} keeps {_snapshots.Count} snapshots");
        var complete = touched.Where(IsComplete).Select(ToComplete);
        return new LedgerOutcome([.. complete], skipped, conflicts.ToImmutable());
    }

    public ImmutableArray<LedgerEntry> Entries() =>
    [
        .. from snapshot in _snapshots
           from shard in snapshot.Value
           orderby snapshot.Key descending, shard.Key
           select new LedgerEntry(
               shard.Value.Replica, [.. shard.Value.Holders.Order()], placement.HoldersOf(job.PositionOf(shard.Key))),
    ];

    private static ImmutableArray<Rank> RanksOf(JobSpec job, PlacementPlan placement, PlacementGroup group)
    {
        Invariant.Check(placement.HostCount == job.HostCount, $"a placement of {placement.HostCount} hosts, and a job of {job.HostCount}");
        Invariant.Check(
            ReferenceEquals(placement.Groups[group.Index], group) || placement.Groups[group.Index].Members.SequenceEqual(group.Members),
            $"group {group.Index} is not one of the placement");
        return [.. group.Members.SelectMany(job.RanksOf)];
    }

    private void StartEpoch(Epoch epoch)
    {
        Invariant.Check(epoch > Epoch, $"the ledger of group {group.Index} goes from epoch {Epoch} back to {epoch}");
        Epoch = epoch;
        _snapshots.Clear();
    }

    private bool IsExpected(HostPosition holder, Replica replica) =>
        replica.Snapshot.Epoch <= Epoch && _ranks.Contains(replica.Owner)
        && placement.HoldersOf(job.PositionOf(replica.Owner)).Contains(holder);

    private bool IsComplete(SnapshotId snapshot) =>
        _snapshots.TryGetValue(snapshot, out var shards)
        && _ranks.All(rank => shards.TryGetValue(rank, out var shard) && shard.Holders.Count == placement.Replicas);

    private CompleteSnapshot ToComplete(SnapshotId snapshot)
    {
        Invariant.Check(snapshot.Epoch <= Epoch, $"snapshot {snapshot} is complete in epoch {Epoch}, which is earlier");
        var shards = _snapshots[snapshot];
        // All m holders are counted. The owner is one of them, so its own announcement has decided the hash.
        Invariant.Check(_ranks.All(rank => shards[rank].HasOwner), $"snapshot {snapshot} is complete without a copy of an owner");
        return new CompleteSnapshot(snapshot, [.. _ranks.Select(rank => shards[rank].Replica)]);
    }

    private ShardEntry Entry(Replica replica)
    {
        if (!_snapshots.TryGetValue(replica.Snapshot, out var shards)) _snapshots.Add(replica.Snapshot, shards = []);
        if (!shards.TryGetValue(replica.Owner, out var entry)) shards.Add(replica.Owner, entry = new ShardEntry(replica));
        return entry;
    }

    private sealed class ShardEntry(Replica replica)
    {
        private readonly Dictionary<HostPosition, Replica> _announced = [];
        private Replica? _owners;

        public bool HasOwner => _owners is not null;

        /// <summary>The owner's announcement; before the owner has announced its copy, the first holder's.</summary>
        public Replica Replica => _owners ?? replica;

        public IReadOnlyCollection<HostPosition> Holders =>
            [.. _announced.Where(entry => entry.Value.Hash == Replica.Hash).Select(entry => entry.Key)];

        public ReplicaConflict? Count(Replica announced, HostPosition holder, HostPosition owner)
        {
            Invariant.Check(
                announced.Owner == replica.Owner && announced.Snapshot == replica.Snapshot,
                $"a copy of rank {announced.Owner}, {announced.Snapshot}, is counted as one of rank {replica.Owner}, {replica.Snapshot}");
            _announced[holder] = announced;
            if (holder == owner) _owners = announced;
            return announced.Hash == Replica.Hash
                ? null
                : new ReplicaConflict(announced.Owner, announced.Snapshot, holder, announced.Hash, Replica.Hash);
        }
    }
}
