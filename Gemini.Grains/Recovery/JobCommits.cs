using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Grains.Health;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Which captured snapshots are committed, which are abandoned, and what to tell hosts about both. Pure.</summary>
internal sealed class JobCommits
{
    private readonly JobState _state;
    private readonly HostRoster _roster;
    private readonly CommitTracker _tracker;
    private readonly CommitWatch _watch;
    private readonly SilenceWatch<Iteration> _silence = new();
    private (Iteration Iteration, long Since)? _stuck;
    private (ImmutableArray<long> Of, long Bytes) _largestShard = ([], 0);
    private Iteration? _commitToTell;
    private ImmutableSortedSet<Iteration> _abandonToTell = [];

    public JobCommits(JobState state, HostRoster roster)
    {
        (_state, _roster, _watch) = (state, roster, new CommitWatch(state.Health));
        _tracker = new CommitTracker(state.Placement.Groups.Length);
        _tracker.Learn(state.Record.Committed);
        _tracker.LearnAbandoned(state.Record.Abandoned);
    }

    /// <summary>The newest committed iteration; zero before the first commit.</summary>
    public Iteration Committed => _tracker.Committed;

    /// <summary>The committed snapshot's shards by rank; empty when only its iteration is known.</summary>
    public ImmutableArray<Replica> Shards => _tracker.Shards;

    /// <summary>The newest committed snapshot; null before the first commit.</summary>
    public SnapshotId? Snapshot => Committed == Iteration.Zero ? null
        : _state.Record.Restore is { } restored && restored.Iteration == Committed ? restored
        : new SnapshotId(Committed, _state.Record.Epoch);

    /// <summary>The newest iteration of the epoch that was abandoned; zero if none was.</summary>
    public Iteration Abandoned { get; private set; }

    /// <summary>Milliseconds since the last commit, counted only while the job runs.</summary>
    public long Quiet => _silence.Quiet;

    /// <summary>An epoch begins. Messages about the epoch before are dropped.</summary>
    public void BeginEpoch()
    {
        (Abandoned, _stuck, _commitToTell, _abandonToTell) = (default, null, null, []);
        _silence.Reset();
    }

    /// <summary>There is a plan: from now on the snapshot that the job resumes from is the committed one.</summary>
    public void StartFrom(SnapshotId? restored)
    {
        Invariant.Check(_state.Version.Step == DirectiveStep.Halt, $"the committed iteration is reset while the directive is {_state.Version}");
        Invariant.Check(_commitToTell is null, $"hosts were not told yet that {_commitToTell} is committed, and the job resumes from {restored}");
        _tracker.StartEpoch(restored?.Iteration ?? default);
    }

    /// <summary>Takes in a host's report that an iteration is committed.</summary>
    public void Learn(Iteration committed) => _tracker.Learn(committed);

    /// <summary>
    /// Takes in that a group has every replica of a snapshot. Returns whether all groups now have, and the shards of the snapshot were not known
    /// before.
    /// </summary>
    public bool ObserveComplete(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        // A snapshot of an earlier epoch counts only if the job was restored from it. The slots of any other one are being freed.
        var record = _state.Record;
        var counts = epoch == record.Epoch && _state.Version.Step >= DirectiveStep.Run && (snapshot.Epoch == epoch || snapshot == record.Restore);
        var known = Committed;
        Invariant.Check(shards.Length > 0, $"group {group} is complete without a shard");
        if (!counts || !_tracker.Complete(group, snapshot, shards)) return false;
        // If this commit was known already, only its shards are news, and hosts are not told again: another root agent may have committed something
        // newer.
        if (Committed > known) _commitToTell = Committed;
        // After the first commit, a job that finds nothing to restore must not start from the beginning. So the record says that something is
        // committed.
        if (record.Committed == Iteration.Zero) _state.Record = record with { Committed = Committed };
        return true;
    }

    /// <summary>Takes in that a rank took no snapshot of an iteration, which can therefore never be committed. Returns whether that is news.</summary>
    public bool ObserveSkipped(Epoch epoch, Iteration iteration)
    {
        if (epoch != _state.Record.Epoch || !_tracker.Abandon(iteration)) return false;
        Invariant.Check(iteration > Committed, $"iteration {iteration} is abandoned, and {Committed} is committed");
        if (iteration > Abandoned) Abandoned = iteration;
        _abandonToTell = _abandonToTell.Add(iteration);
        return true;
    }

    /// <summary>Abandons snapshots that cannot be committed any more. Returns a failure if only a new epoch helps.</summary>
    /// <param name="pace">How far the ranks are.</param>
    /// <param name="makesSteps">The job makes steps. If it makes none, <see cref="HangWatch"/> decides, not this watch.</param>
    /// <param name="iterationMilliseconds">The median iteration; 0 while it is not known.</param>
    /// <param name="now">Unix milliseconds.</param>
    public Failure? Evaluate(in TrainingPace pace, bool makesSteps, double iterationMilliseconds, long now)
    {
        AbandonWhatIsStuck(pace, now);
        _silence.Look(Committed, now);
        var (remedy, reason) = _watch.Evaluate(ToCommitPace(pace, makesSteps, iterationMilliseconds), now);
        if (remedy == CommitRemedy.Abandon) GiveUp(pace.NewestCapture);
        return remedy == CommitRemedy.BeginEpoch ? new Failure(FailureKind.Software, [], [], now - Quiet, reason) : null;
    }

    /// <summary>What to tell every host now. Each commit and each abandonment is returned once.</summary>
    public (Iteration? Commit, ImmutableSortedSet<Iteration> Abandon) TakeNews()
    {
        Invariant.Check(!(_commitToTell > Committed), $"hosts are told that {_commitToTell} is committed, and {Committed} is");
        Invariant.Check(
            _commitToTell is not { } told || !_abandonToTell.Contains(told), $"hosts are told that {_commitToTell} is committed, and that it is abandoned");
        var news = (_commitToTell, _abandonToTell);
        (_commitToTell, _abandonToTell) = (null, []);
        return news;
    }

    /// <summary>
    /// If other ranks have captured newer snapshots, the pending snapshot of a rank will never be committed. If the rank does not know that, because
    /// the message was lost or its silo was away, the rank keeps the slot, and nothing is committed any more. So the rank is told again. The same if
    /// all ranks wait for one snapshot and an owner's host no longer has its own copy: nothing is left to replicate.
    /// </summary>
    private void AbandonWhatIsStuck(in TrainingPace pace, long now)
    {
        var (oldest, newest) = (pace.OldestCapture, pace.NewestCapture);
        if (oldest <= Committed || (oldest == newest && !IsGivenUpByAnOwner(oldest)))
        {
            _stuck = null;
        }
        else if (_stuck is not { } stuck || stuck.Iteration != oldest)
        {
            _stuck = (oldest, now);
        }
        else if (now - stuck.Since > _state.Options.StuckSnapshotLimit.TotalMilliseconds)
        {
            _stuck = null;
            GiveUp(oldest);
        }
    }

    /// <summary>A present host no longer has the copy of one of its own ranks. Called only if every rank has captured the iteration.</summary>
    private bool IsGivenUpByAnOwner(Iteration captured)
    {
        var snapshot = new SnapshotId(captured, _state.Record.Epoch);
        var hosts = _roster.AtPositions();
        for (var position = 0; position < hosts.Length; position++)
        {
            if (hosts[position] is not { IsPresent: true } host) continue;
            for (var index = 0; index < _state.Job.RanksPerHost; index++)
            {
                if (!Holds(host.Report, _state.Job.RankOf(new HostPosition(position), index), snapshot)) return true;
            }
        }

        return false;
    }

    private static bool Holds(HostReport report, Rank owner, SnapshotId snapshot)
    {
        foreach (var replica in report.Replicas)
        {
            if (replica.Owner == owner && replica.Snapshot == snapshot) return true;
        }

        return false;
    }

    /// <summary>
    /// Abandons an iteration that every rank may have captured. Such an iteration can still become complete, unlike one that a rank skipped. Then the
    /// next root agent would commit it while trainers already reuse its slots. So the record is written before any host is told.
    /// </summary>
    private void GiveUp(Iteration iteration)
    {
        if (iteration <= Committed) return;
        if (iteration > _state.Record.Abandoned) _state.Record = _state.Record with { Abandoned = iteration };
        ObserveSkipped(_state.Record.Epoch, iteration);
    }

    private CommitPace ToCommitPace(in TrainingPace pace, bool makesSteps, double iterationMilliseconds) => new()
    {
        Epoch = _state.Record.Epoch,
        IsExpected = pace is { AllTrain: true, AnyIsAtTheEnd: false } && makesSteps && _state.RecoversFromMemory && !_roster.AnyIsAbsent,
        Committed = Committed,
        OldestCapture = pace.OldestCapture,
        NewestCapture = pace.NewestCapture,
        IterationMilliseconds = iterationMilliseconds,
        BytesToSend = LargestShard() * _state.Job.RanksPerHost * (_state.Job.Replicas - 1),
    };

    /// <summary>Bytes of the largest shard; 0 while the sizes are not known.</summary>
    private long LargestShard()
    {
        var sizes = _state.Record.ShardBytes;
        if (_largestShard.Of != sizes) _largestShard = (sizes, sizes.IsEmpty ? 0 : sizes.Max());
        return _largestShard.Bytes;
    }
}
