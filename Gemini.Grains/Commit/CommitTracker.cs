using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Commit;

/// <summary>
/// Decides which snapshot is committed: the newest one that is complete in every group. Pure. Invariant: within an epoch the committed iteration only
/// grows, and no iteration is both abandoned and committed.
/// </summary>
public sealed class CommitTracker(int groupCount)
{
    /// <summary>More than the iterations that can still become complete: holders have already overwritten the slots of older ones.</summary>
    private const int RememberedAbandonments = 1024;

    private readonly SortedDictionary<SnapshotId, ImmutableArray<Replica>?[]> _pending = [];
    private readonly SortedSet<Iteration> _abandoned = [];

    private Iteration _abandonedThrough;

    /// <summary>The newest committed iteration; zero before the first commit.</summary>
    public Iteration Committed { get; private set; }

    /// <summary>The committed snapshot's shards by rank; empty when only its iteration is known.</summary>
    public ImmutableArray<Replica> Shards { get; private set; } = [];

    /// <summary>Begins an epoch: the iteration that the job resumed from counts as committed, and every group starts empty.</summary>
    public void StartEpoch(Iteration committed)
    {
        _pending.Clear();
        _abandoned.Clear();
        _abandonedThrough = default;
        if (committed != Committed) Shards = [];
        Committed = committed;
    }

    /// <summary>
    /// Takes in that an iteration is committed, as a host reported it or the record has it. A root agent that came up in the middle of an epoch
    /// learns of commits in this way.
    /// </summary>
    public void Learn(Iteration committed)
    {
        if (committed <= Committed) return;
        Committed = committed;
        Shards = [];
    }

    /// <summary>
    /// Takes in the newest iteration that an earlier root agent of the epoch abandoned. No iteration up to this one is committed from now on; commits
    /// that are known already stay.
    /// </summary>
    public void LearnAbandoned(Iteration iteration)
    {
        if (iteration > _abandonedThrough) _abandonedThrough = iteration;
    }

    /// <summary>
    /// Takes in that the iteration is never to be committed: a rank has no snapshot of it, or the root agent abandoned it. Returns false if the
    /// iteration is committed already; a commit is final.
    /// </summary>
    public bool Abandon(Iteration iteration)
    {
        if (iteration <= Committed) return false;
        _abandoned.Add(iteration);
        if (_abandoned.Count > RememberedAbandonments) _abandoned.Remove(_abandoned.Min);
        foreach (var snapshot in _pending.Keys.Where(key => key.Iteration == iteration).ToList()) _pending.Remove(snapshot);
        return true;
    }

    /// <summary>
    /// Takes in that the snapshot is complete in one group. Returns true if it is now complete in all groups, and its shards were not known before.
    /// </summary>
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
