using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// What keeps captured snapshots from being committed, and how that ends.
public sealed partial class JobCoordinator
{
    private readonly CommitWatch _commitWatch;
    private readonly SilenceWatch<Iteration> _commitSilence = new();
    private (Iteration Iteration, long Since)? _stuck;
    private (ImmutableArray<long> Of, long Bytes) _largestShard = ([], 0);

    /// <summary>
    /// A rank whose pending snapshot others are past will never see it committed; when it was not told, because the message
    /// was lost or its silo was away, it keeps its slot and nothing is committed any more. So it is told again. The same when
    /// all wait for one snapshot, and an owner's host has given its copy up: there is nothing left to replicate.
    /// </summary>
    private void AbandonWhatIsStuck(in TrainingPace pace, long now)
    {
        var (oldest, newest) = (pace.OldestCapture, pace.NewestCapture);
        if (oldest <= _commits.Committed || (oldest == newest && !IsGivenUpByAnOwner(oldest)))
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
        var snapshot = new SnapshotId(captured, Record.Epoch);
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

    /// <summary>When every rank has captured a snapshot and it is not committed for too long, whatever the cause.</summary>
    private void WatchCommits(in TrainingPace pace, long now)
    {
        _commitSilence.Look(_commits.Committed, now);
        var (remedy, reason) = _commitWatch.Evaluate(PaceOf(pace), now);
        if (remedy == CommitRemedy.Abandon) GiveUp(pace.NewestCapture);
        if (remedy == CommitRemedy.BeginEpoch)
            BeginEpoch(reason, new Failure(FailureKind.Software, [], [], now - _commitSilence.Quiet, reason), now);
    }

    /// <summary>
    /// Abandons an iteration that every rank may have captured. Unlike one that a rank skipped it can still become complete, and the next root agent
    /// would commit it while trainers use its slots again. So the record says it before any host hears of it.
    /// </summary>
    private void GiveUp(Iteration iteration)
    {
        if (iteration <= _commits.Committed) return;
        if (iteration > Record.Abandoned) Record = Record with { Abandoned = iteration };
        ObserveSkipped(Record.Epoch, iteration);
    }

    /// <summary>In bytes; 0 while it is not known.</summary>
    private long LargestShard()
    {
        if (_largestShard.Of != Record.ShardBytes) _largestShard = (Record.ShardBytes, Record.ShardBytes.IsEmpty ? 0 : Record.ShardBytes.Max());
        return _largestShard.Bytes;
    }

    private CommitPace PaceOf(in TrainingPace pace)
    {
        // What stops all steps is found by FindStuck, and is none of this watch's business.
        var makesSteps = _progress.Quiet < _state.Health.StuckFloor.TotalMilliseconds;
        return new CommitPace
        {
            Epoch = Record.Epoch,
            IsExpected = pace is { AllTrain: true, AnyIsAtTheEnd: false } && makesSteps && !_state.IsBaseline && !_roster.AnyIsAbsent,
            Committed = _commits.Committed,
            OldestCapture = pace.OldestCapture,
            NewestCapture = pace.NewestCapture,
            IterationMilliseconds = _statistics.MillisecondsMedian,
            BytesToSend = LargestShard() * _state.Job.RanksPerHost * (_state.Job.Replicas - 1),
        };
    }
}
