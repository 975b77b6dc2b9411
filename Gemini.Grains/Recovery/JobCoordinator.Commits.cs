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

    /// <summary>
    /// A rank whose pending snapshot others are past will never see it committed; when it was not told, because the message
    /// was lost or its silo was away, it keeps its slot and nothing is committed any more. So it is told again. The same when
    /// all wait for one snapshot, and an owner's host has given its copy up: there is nothing left to replicate.
    /// </summary>
    private void AbandonWhatIsStuck(ImmutableArray<TrainerReport?> trainers, long now)
    {
        var captured = trainers.Select(trainer => trainer?.Captured ?? default).ToList();
        var (oldest, newest) = (captured.Min(), captured.Max());
        if (oldest <= _commits.Committed || (oldest == newest && !IsGivenUpByAnOwner(oldest)))
        {
            _stuck = null;
        }
        else if (_stuck is not { } stuck || stuck.Iteration != oldest)
        {
            _stuck = (oldest, now);
        }
        else if (now - stuck.Since > _options.StuckSnapshotLimit.TotalMilliseconds)
        {
            _stuck = null;
            GiveUp(oldest);
        }
    }

    /// <summary>Some rank has captured the iteration, and its own host no longer has the copy.</summary>
    private bool IsGivenUpByAnOwner(Iteration captured)
    {
        var snapshot = new SnapshotId(captured, Record.Epoch);
        return AssignedHosts().Any(host => host.IsPresent && !_job.RanksOf(PositionOf(host.Report.Host)!.Value)
            .All(rank => host.Report.Replicas.Any(replica => replica.Owner == rank && replica.Snapshot == snapshot)));
    }

    /// <summary>When every rank has captured a snapshot and it is not committed for too long, whatever the cause.</summary>
    private void WatchCommits(ImmutableArray<TrainerReport?> trainers, long now)
    {
        _commitSilence.Look(_commits.Committed, now);
        var (remedy, reason) = _commitWatch.Evaluate(PaceOf(trainers), now);
        if (remedy == CommitRemedy.Abandon) GiveUp(trainers[0]!.Captured);
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

    private CommitPace PaceOf(ImmutableArray<TrainerReport?> trainers)
    {
        var captured = trainers.Select(trainer => trainer?.Captured ?? default).ToList();
        var isComplete = trainers.All(trainer => trainer is { State: TrainerState.Training } && trainer.Epoch == Record.Epoch);
        var isAtTheEnd = trainers.Any(trainer => trainer is { TotalIterations: > 0 } && trainer.Iteration.Value >= trainer.TotalIterations);
        // What stops all steps is found by FindStuck, and is none of this watch's business.
        var makesSteps = _progress.Quiet < _options.Health.StuckFloor.TotalMilliseconds;
        return new CommitPace
        {
            Epoch = Record.Epoch,
            IsExpected = isComplete && !isAtTheEnd && makesSteps && _job.Storage is not { IsBaseline: true } && !AbsentPositions().Any(),
            Committed = _commits.Committed,
            OldestCapture = captured.Min(),
            NewestCapture = captured.Max(),
            IterationMilliseconds = _statistics.MillisecondsMedian,
            BytesToSend = Record.ShardBytes.IsEmpty ? 0 : Record.ShardBytes.Max() * _job.RanksPerHost * (_job.Replicas - 1),
        };
    }
}
