using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>The storage tier of one fake host: one step per tick towards the newest request.</summary>
internal sealed class FakeStorageTier(FakeCluster cluster, FakeHost host)
{
    private readonly HashSet<SnapshotId> _refused = [];
    private ImmutableArray<StoredShard> _staged = [];
    private Epoch _lookedIn;

    public PersistReport? Persist { get; private set; }

    public StoreReport? Store => cluster.Job.Storage is null ? null : new StoreReport
    {
        LookedIn = _lookedIn,
        Complete = [.. cluster.Store.Complete.Where(stored => !_refused.Contains(stored.Snapshot))],
        Problem = _refused.Count == 0 ? null : $"snapshot {_refused.Max()} is refused",
    };

    public void Work()
    {
        if (host.Done.Step == DirectiveStep.Halt) _lookedIn = host.Done.Epoch;
        if (host.Directive is not { Persist: { } wanted, Position: { } position })
        {
            Persist = null;
            return;
        }

        if (Persist?.Snapshot != wanted.Snapshot) Persist = new PersistReport { Snapshot = wanted.Snapshot, Stage = PersistStage.Waiting };
        Persist = Persist.Stage switch
        {
            PersistStage.Waiting => Stage(wanted.Snapshot, position),
            PersistStage.Staged => Write(Persist),
            PersistStage.Stored when !wanted.Manifest.IsEmpty => Complete(Persist),
            _ => Persist,
        };
    }

    /// <summary>Reads a copy into host memory. If that fails, refuses the snapshot from then on.</summary>
    public bool Load(ShardDirective shard, SnapshotId snapshot)
    {
        if (cluster.Store.Read(snapshot, shard.Owner) is not { } copy || copy.Hash != shard.Hash)
        {
            _refused.Add(snapshot);
            return false;
        }

        host.Memory.Store(copy, snapshot.Iteration);
        return true;
    }

    private PersistReport Stage(SnapshotId snapshot, HostPosition position)
    {
        var isLastChance = snapshot.Epoch != host.Directive.Version.Epoch || host.Committed >= snapshot.Iteration;
        var copies = cluster.Job.RanksOf(position).Select(rank => host.Memory.Find(rank, snapshot)).ToList();
        if (copies.Contains(null)) return Persist! with { Stage = isLastChance ? PersistStage.Missed : PersistStage.Waiting };
        _staged = [.. copies.Select(copy => new StoredShard(copy!.Owner, copy.Hash, copy.PayloadBytes, 1 << 20))];
        return Persist! with { Stage = PersistStage.Staged };
    }

    private PersistReport Write(PersistReport report)
    {
        if (cluster.Store.Problem is { } problem) return report with { Problem = problem };
        foreach (var shard in _staged) cluster.Store.Write(report.Snapshot, shard);
        return report with { Stage = PersistStage.Stored, Shards = _staged, Problem = null };
    }

    private PersistReport Complete(PersistReport report)
    {
        if (cluster.Store.Problem is { } problem) return report with { Problem = problem };
        cluster.Store.CompleteSnapshot(report.Snapshot);
        return report with { Stage = PersistStage.Completed, Problem = null };
    }
}
