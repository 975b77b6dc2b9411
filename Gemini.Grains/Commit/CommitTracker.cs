using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Commit;

/// <summary>
/// Decides which snapshot is committed: the newest that every group has complete. Pure. Invariant: within an epoch the
/// committed iteration only grows, and no iteration is both abandoned and committed.
/// </summary>
public sealed class CommitTracker(int groupCount)
{
    /// <summary>More than iterations that can still complete: their holders have taken the slots of older ones.</summary>
    private const int RememberedAbandonments = 1024;

    private readonly SortedDictionary<SnapshotId, ImmutableArray<Replica>?[]> _pending = [];
    private readonly SortedSet<Iteration> _abandoned = [];

    private Iteration _abandonedThrough;

    /// <summary>The newest committed iteration; zero before the first commit.</summary>
    public Iteration Committed { get; private set; }

    /// <summary>The committed snapshot's shards by rank; empty when only its iteration is known.</summary>
    public ImmutableArray<Replica> Shards { get; private set; } = [];

    /// <summary>At a new epoch: what is committed is what the job resumed from, and every group starts again.</summary>
    public void StartEpoch(Iteration committed)
    {
        _pending.Clear();
        _abandoned.Clear();
        _abandonedThrough = default;
        if (committed != Committed) Shards = [];
        Committed = committed;
    }

    /// <summary>A host's word that an iteration is committed, for a root agent that came up in the middle of an epoch.</summary>
    public void Learn(Iteration committed)
    {
        if (committed <= Committed) return;
        Committed = committed;
        Shards = [];
    }

    /// <summary>
    /// What an earlier root agent of the epoch gave up: nothing up to this iteration is committed any more, beside what is committed already.
    /// </summary>
    public void LearnAbandoned(Iteration iteration)
    {
        if (iteration > _abandonedThrough) _abandonedThrough = iteration;
    }

    /// <summary>A rank has no snapshot of this iteration. Returns false when it is committed, which nothing takes back.</summary>
    public bool Abandon(Iteration iteration)
    {
        if (iteration <= Committed) return false;
        _abandoned.Add(iteration);
        if (_abandoned.Count > RememberedAbandonments) _abandoned.Remove(_abandoned.Min);
        foreach (var snapshot in _pending.Keys.Where(key => key.Iteration == iteration).ToList()) _pending.Remove(snapshot);
        return true;
    }

    /// <summary>One group has the snapshot complete. Returns whether that committed it.</summary>
    public bool Complete(int group, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        Invariant.Check(group >= 0 && group < groupCount, $"group {group} of {groupCount} is complete");
        var known = snapshot.Iteration == Committed && Shards.IsEmpty;
        if (snapshot.Iteration < Committed || (snapshot.Iteration == Committed && !known)) return false;
        if (_abandoned.Contains(snapshot.Iteration) || (snapshot.Iteration > Committed && snapshot.Iteration <= _abandonedThrough)) return false;
        if (!_pending.TryGetValue(snapshot, out var groups))
            _pending.Add(snapshot, groups = new ImmutableArray<Replica>?[groupCount]);
        foreach (var shard in shards) Invariant.Check(shard.Snapshot == snapshot, $"group {group} has {shard.Snapshot} complete as {snapshot}");
        groups[group] = shards;
        if (groups.Any(part => part is null)) return false;

        Commit(snapshot, [.. groups.SelectMany(part => part!.Value).OrderBy(replica => replica.Owner)]);
        return true;
    }

    private void Commit(SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        Invariant.Check(snapshot.Iteration >= Committed, $"{snapshot} is committed after iteration {Committed}");
        Invariant.Check(!_abandoned.Contains(snapshot.Iteration), $"{snapshot} is committed, and its iteration was abandoned");
        for (var rank = 0; rank < shards.Length; rank++)
            Invariant.Check(shards[rank].Owner.Value == rank, $"{snapshot} is committed without the shard of rank {rank}, or with two");
        Committed = snapshot.Iteration;
        Shards = shards;
        _abandoned.RemoveWhere(iteration => iteration <= Committed);
        foreach (var older in _pending.Keys.TakeWhile(key => key.CompareTo(snapshot) <= 0).ToList()) _pending.Remove(older);
    }
}
