using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Grains.Health;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Which captured snapshots are committed, which are given up, and what hosts have to be told of both. Pure.</summary>
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

    /// <summary>Milliseconds for which nothing was committed while the job ran.</summary>
    public long Quiet => _silence.Quiet;

    /// <summary>An epoch begins: what was to be told of the one before matters to nobody.</summary>
    public void BeginEpoch()
    {
        (Abandoned, _stuck, _commitToTell, _abandonToTell) = (default, null, null, []);
        _silence.Reset();
    }

    /// <summary>There is a plan: what is committed is what the job resumes from.</summary>
    public void StartFrom(SnapshotId? restored)
    {
        Invariant.Check(_state.Version.Step == DirectiveStep.Halt, $"what is committed is set back while the directive is {_state.Version}");
        Invariant.Check(_commitToTell is null, $"{_commitToTell} is still to be told when the job resumes from {restored}");
        _tracker.StartEpoch(restored?.Iteration ?? default);
    }

    /// <summary>Takes in a host's word that an iteration is committed.</summary>
    public void Learn(Iteration committed) => _tracker.Learn(committed);

    /// <summary>Takes in that a group has every replica of a snapshot. Returns whether all groups have, and its shards were not known yet.</summary>
    public bool ObserveComplete(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        // A copy of an earlier epoch that was not restored has no future: its slots are being freed.
        var record = _state.Record;
        var counts = epoch == record.Epoch && _state.Version.Step >= DirectiveStep.Run && (snapshot.Epoch == epoch || snapshot == record.Restore);
        var known = Committed;
        Invariant.Check(shards.Length > 0, $"group {group} is complete without a shard");
        if (!counts || !_tracker.Complete(group, snapshot, shards)) return false;
        // Of a commit that was known already only the copies are new: another root agent may have committed something newer since.
        if (Committed > known) _commitToTell = Committed;
        // From the first commit on, a job that finds nothing to restore must not start from the beginning.
        if (record.Committed == Iteration.Zero) _state.Record = record with { Committed = Committed };
        return true;
    }

    /// <summary>Takes in that a rank took no snapshot of an iteration, which can therefore never be committed.</summary>
    public void ObserveSkipped(Epoch epoch, Iteration iteration)
    {
        if (epoch != _state.Record.Epoch || !_tracker.Abandon(iteration)) return;
        Invariant.Check(iteration > Committed, $"iteration {iteration} is abandoned, and {Committed} is committed");
        if (iteration > Abandoned) Abandoned = iteration;
        _abandonToTell = _abandonToTell.Add(iteration);
    }

    /// <summary>Gives up what cannot be committed any more. Returns a failure if nothing but a new epoch helps.</summary>
    /// <param name="pace">How far the ranks are.</param>
    /// <param name="makesSteps">The job makes steps: what stops all of them is none of this watch's business.</param>
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

    /// <summary>What every host is to be told now. Each thing is handed out once.</summary>
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
    /// A rank whose pending snapshot others are past will never see it committed; when it was not told, because the message
    /// was lost or its silo was away, it keeps its slot and nothing is committed any more. So it is told again. The same when
    /// all wait for one snapshot, and an owner's host has given its copy up: there is nothing left to replicate.
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

    /// <summary>Some rank has captured the iteration, and its own host no longer has the copy.</summary>
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
    /// Abandons an iteration that every rank may have captured. Unlike one that a rank skipped it can still become complete, and the next root agent
    /// would commit it while trainers use its slots again. So the record says it before any host hears of it.
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
        IsExpected = pace is { AllTrain: true, AnyIsAtTheEnd: false } && makesSteps && !_state.IsBaseline && !_roster.AnyIsAbsent,
        Committed = Committed,
        OldestCapture = pace.OldestCapture,
        NewestCapture = pace.NewestCapture,
        IterationMilliseconds = iterationMilliseconds,
        BytesToSend = LargestShard() * _state.Job.RanksPerHost * (_state.Job.Replicas - 1),
    };

    /// <summary>In bytes; 0 while it is not known.</summary>
    private long LargestShard()
    {
        var sizes = _state.Record.ShardBytes;
        if (_largestShard.Of != sizes) _largestShard = (sizes, sizes.IsEmpty ? 0 : sizes.Max());
        return _largestShard.Bytes;
    }
}
