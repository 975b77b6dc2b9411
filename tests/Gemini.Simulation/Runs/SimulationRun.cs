using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Runs;

/// <summary>One run of a job: first with faults, in which the truths must hold; then without, in which the job must continue.</summary>
internal sealed class SimulationRun
{
    /// <summary>Within this time after the last fault the job must train, or must have said why it cannot.</summary>
    internal const int LivenessLimitMilliseconds = 120_000;

    /// <summary>A job without a fault makes its first steps within this time.</summary>
    private const int StartLimitMilliseconds = 20_000;

    /// <summary>How long a job must have failed before this counts as its end.</summary>
    private const int FailedMilliseconds = 4000;

    private const int ScanMilliseconds = 200;

    /// <summary>How many iterations have to be committed after the last fault.</summary>
    private const int GoalIterations = 3;

    private readonly World _world;
    private SnapshotId? _promised;
    private Epoch _epochAtHeal;
    private RecoveryTimeline? _openAtHeal;
    private long? _failedSince;

    private SimulationRun(SimulationOptions options, Defect defect, EventLoop loop, Trace trace) => _world = new World(options, defect, loop, trace);

    /// <summary>Runs a seed to its end. Never throws because of events in the run.</summary>
    public static SimulationResult Run(int seed, bool traced = false) => Run(SimulationOptions.Draw(seed), Defect.None, traced);

    public static SimulationResult Run(SimulationOptions options, Defect defect, bool traced = false)
    {
        var loop = new EventLoop();
        return loop.Within(() =>
        {
            var trace = new Trace(traced);
            var run = new SimulationRun(options, defect, loop, trace);
            run.Live();
            return run.ToResult(trace);
        });
    }

    private void Live()
    {
        RunUntil(_world.Now + StartLimitMilliseconds, () => _world.Truths.EverCommitted.Value >= _world.Options.FaultsFrom);
        var faults = new FaultInjector(_world);
        RunUntil(_world.Now + _world.Options.FaultMilliseconds, () => false);
        if (_world.Failure is not null || _world.HasEndedAnew) return;
        _world.Trace("", () => "faults are over");
        Promise();
        faults.Heal();
        if (!RunUntil(_world.Now + LivenessLimitMilliseconds, HasReachedItsEnd) && _world.Failure is null)
            _world.Fail($"the job does not go on: {LivenessLimitMilliseconds} ms after the last fault it is "
                + $"{_world.Coordinator?.Phase}: {_world.Coordinator?.Reason}");
        if (_world is { Failure: null, HasEndedAnew: false }) CheckPromise();
    }

    /// <summary>
    /// Truth 2 promises to resume from the newest snapshot that the job's present hosts hold whole, if nothing more is lost. A host is present here
    /// if the cluster does not consider it dead and, if a root agent is up, the host has reported to it. Without such a report the root agent may be
    /// about to decide without the host.
    /// </summary>
    private void Promise()
    {
        var record = _world.Record.Record;
        var heard = _world.Coordinator?.LiveHosts.ToHashSet();
        var hosts = _world.Machines.Where(machine => machine.Silo is { IsMember: true, IsOdd: false, State.IsLeaving: false } silo && _world.Membership.IsMember(silo)
            && heard?.Contains(machine.Name) != false && record.Assignment.Contains(machine.Name));
        _promised = _world.Truths.NewestSound(hosts, _world.Truths.EverCommitted);
        _epochAtHeal = record.Epoch;
        _openAtHeal = record.Recoveries is [.., { ResumedAt: 0 } open] ? open : null;
    }

    private bool HasReachedItsEnd()
    {
        var coordinator = _world.Coordinator;
        if (coordinator?.Phase != JobPhase.Failed) _failedSince = null;
        if (coordinator is null) return false;
        if (coordinator.Phase == JobPhase.Completed) return true;
        if (coordinator.Phase == JobPhase.Running)
        {
            var committed = coordinator.Status(default, _world.Now).Committed;
            return committed.Value >= (coordinator.Record.Restore?.Iteration.Value ?? 0) + GoalIterations && committed.Value >= _lastGoal();
        }

        if (coordinator.Phase != JobPhase.Failed) return false;
        _failedSince ??= _world.Now;
        return _world.Now - _failedSince >= FailedMilliseconds && IsBeyondRecovery();

        long _lastGoal() => _promised is { } promised ? promised.Iteration.Value + GoalIterations : GoalIterations;
    }

    /// <summary>The machines that are on do not hold a whole snapshot together, and storage has none.</summary>
    private bool IsBeyondRecovery() =>
        _world.Truths.NewestSound(_world.Machines.Where(machine => machine.IsOn), new Iteration(long.MaxValue)) is null
        && !_world.Storage.Sound.Any();

    private void CheckPromise()
    {
        var coordinator = _world.Coordinator!;
        if (_promised is not { } promised) return;
        if (coordinator.Phase == JobPhase.Failed)
            _world.Fail($"truth 2 is broken: when faults ended, snapshot {promised} was whole in host memory, and the job failed: {coordinator.Reason}");
        foreach (var timeline in coordinator.Record.Recoveries.Where(timeline => timeline.Epoch > _epochAtHeal && timeline.ResumedAt > 0))
        {
            // Storage may have a newer one than memory.
            var isGoodEnough = timeline.Source is CopySource.Local or CopySource.Peer || timeline.ResumedIteration > promised.Iteration;
            if (timeline.ResumedIteration < promised.Iteration || !(isGoodEnough || WasBroughtInBefore(timeline)))
                _world.Fail($"truth 2 is broken: when faults ended, snapshot {promised} was whole in host memory, and epoch {timeline.Epoch} "
                    + $"resumed from iteration {timeline.ResumedIteration} ({timeline.Source})");
        }
    }

    /// <summary>Whether an earlier attempt of the same recovery had read the snapshot from storage. That attempt brought it into memory.</summary>
    private bool WasBroughtInBefore(RecoveryTimeline timeline) =>
        _openAtHeal is { } open && (open.FailedAt, open.ResumedIteration, open.Source) == (timeline.FailedAt, timeline.ResumedIteration, timeline.Source);

    private bool RunUntil(long limit, Func<bool> reached)
    {
        var nextScan = _world.Now;
        while (_world is { Failure: null, HasEndedAnew: false })
        {
            if (_world.Now >= nextScan)
            {
                _world.Truths.Scan();
                if (reached()) return true;
                nextScan = _world.Now + ScanMilliseconds;
            }

            if (!_world.Loop.RunNext(Math.Min(nextScan, limit)) && _world.Now >= limit) return reached();
        }

        return _world.HasEndedAnew;
    }

    private string HowItEnded()
    {
        if (_world.Failure is not null) return "broken";
        if (_world.HasEndedAnew) return "begun anew, as nothing was left";
        return _world.Coordinator!.Phase switch
        {
            JobPhase.Completed => "completed",
            JobPhase.Failed => "failed, naming what is missing",
            _ => "running",
        };
    }

    private SimulationResult ToResult(Trace trace)
    {
        var statistics = _world.Statistics;
        foreach (var timeline in _world.Record.Record.Recoveries.Where(timeline => timeline.ResumedAt > 0)) statistics.Recovered(timeline);
        statistics.Ended(HowItEnded());
        statistics.Count("events", _world.Loop.Count);
        statistics.Count("messages sent", _world.Network.Sent);
        statistics.Count("messages lost", _world.Network.Lost);
        statistics.Count("messages doubled", _world.Network.Doubled);
        return new SimulationResult(_world.Options, _world.Failure, _world.Loop.Hash, statistics, trace.Lines, _world.Failure is null ? "" : _world.Describe());
    }
}
