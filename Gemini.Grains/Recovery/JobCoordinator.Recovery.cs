using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// From a failure to the Run directive: halt, replace, plan, prepare.
public sealed partial class JobCoordinator
{
    /// <summary>
    /// This many epochs are skipped if the record was lost. An epoch that only halted leaves no trace in the copies, but a host that is cut off may
    /// remember it. The number is more than a job begins from one snapshot to the next, and small compared with <see cref="Epoch.Maximum"/>.
    /// </summary>
    private const long EpochsOfALostRecord = 1000;

    /// <summary>
    /// Begins an epoch because of a failure. If too many attempts failed before, it only says in the reason that there is a pause, and the next
    /// evaluation looks at the failure again. If several failures in a row came from one host, that host loses its position.
    /// </summary>
    private void TryBeginEpoch(Failure failure, long now)
    {
        if (_timelines.Attempts.WaitFor(_standbys.Duties.Elapsed) > 0)
        {
            var reason = RecoveryHistory.Short(failure.Reason);
            _state.Enter(_state.Phase, $"attempt {_timelines.Attempts.Count} to resume failed: {reason}; the next one begins after a pause");
            return;
        }

        if (failure.Hosts is [var host] && _timelines.Attempts.IsCulprit(host) && _roster.IsPresent(host) && _roster.PositionOf(host) is { } position)
        {
            var why = $"several attempts in a row failed because of this host; the newest reason: {failure.Reason}";
            if (_standbys.TryReplace(position, host, why) is { } change) failure = failure with { Kind = FailureKind.Hardware, Reason = change };
        }

        BeginEpoch(failure.Reason, failure, now);
    }

    private void BeginEpoch(string reason, Failure? failure, long now)
    {
        // An epoch is never used twice. If the record was lost, hosts, memory and storage may know of later epochs than the record.
        var newestSeen = _roster.All.Select(host => SeenEpochs.NewestOf(host.Report)).Append(Record.Epoch).Max();
        var epoch = Record is { IsRebuilt: true, Epoch.Value: 0 } ? new Epoch(newestSeen.Value + EpochsOfALostRecord) : newestSeen.Next();
        Invariant.Check(epoch > Record.Epoch, $"epoch {epoch} begins after {Record.Epoch}");
        _progress.Remember();
        var lost = (failure?.LostHosts ?? []).ToHashSet();
        foreach (var host in lost) Invariant.Check(_roster.PositionOf(host) is not null, $"host {host} is lost, and has no position to lose");
        foreach (var host in lost) _roster[host].GiveUp();
        _timelines.Attempts.Begin(failure?.Hosts ?? [], _standbys.Duties.Elapsed);
        var reached = _roster.Trainers().Select(trainer => trainer?.Iteration ?? default).Append(_commits.Committed).Max();
        var isRecovery = failure is not null || epoch.Value > 1;
        if (isRecovery && _timelines.Begin(epoch, RecoveryHistory.Short(reason), failure, reached, now)) _redundancy.BeginRecovery(now);
        Record = Record with
        {
            Epoch = epoch,
            Assignment = [.. Record.Assignment.Select(host => host is { } name && lost.Contains(name) ? null : host)],
            Committed = _commits.Committed,
            Abandoned = default,
            Exposed = _redundancy.Exposed,
        };
        _state.Version = new DirectiveVersion(epoch, DirectiveStep.Halt);
        _plans.BeginEpoch();
        _standbys.Duties.BeginEpoch();
        _repair.End();
        _state.RingEndpoints = [];
        _commits.BeginEpoch();
        _suspicion.Hangs.Reset();
        _state.Enter(JobPhase.Halting, reason);
    }

    /// <summary>
    /// A host of the job that was told of a later epoch than the record knows, because the record was lost. A trainer that survived this is reported
    /// only after it has found its new silo. Null: there is no such host.
    /// </summary>
    private HostView? FindWithNewerFloor() => Array.Find(_roster.Assigned(), host => host.IsPresent && SeenEpochs.EpochFloorOf(host.Report) > Record.Epoch);

    private void EvaluateHalting(long now)
    {
        FillVacantPositions();
        foreach (var (host, reason) in _standbys.ReplaceUnable()) _timelines.NoteReplaced(host, reason);
        if (FindWithNewerFloor() is { } told)
        {
            BeginEpoch($"{told.Report.Host} was told of epoch {SeenEpochs.EpochFloorOf(told.Report)}, which the record does not know", failure: null, now);
            return;
        }

        var version = _state.Version;
        if (Array.Exists(_roster.Assigned(), host => host.IsPresent && host.Report.Done < version))
        {
            var late = _roster.Names(host => host.IsPresent && host.Report.Done < _state.Version);
            Wait(JobPhase.Halting, $"waiting for {late} to stop");
            return;
        }

        _timelines.StampDecided(now);
        var absent = _roster.AbsentPositions().ToList();
        if (absent.Count > 0)
        {
            NoteLost(absent.Select(position => Record.Assignment[position.Value]).OfType<HostName>());
            _repair.Evaluate(now);
            var standbys = _standbys.Describe(absent[0]) is { Length: > 0 } obstacles ? $" ({obstacles})" : "";
            _state.Enter(JobPhase.Replacing, $"waiting for a host for position {string.Join(", ", absent)}{standbys}");
            return;
        }

        MakePlan(now);
    }

    /// <summary>
    /// Gives the positions of lost hosts to standbys. Nobody trains now, so the job does not wait for a host whose silo is away if a standby is
    /// present. Without a standby, the host's next silo may still keep the position.
    /// </summary>
    private void FillVacantPositions()
    {
        foreach (var position in _roster.AbsentPositions())
        {
            if (_roster.Standbys().Count == 0) return;
            var lost = Record.Assignment[position.Value];
            if (_standbys.TryFill(position) is not { } reason) continue;
            if (lost is { } host) NoteLost([host]);
            if (reason.Length > 0) _timelines.Note(reason);
        }
    }

    /// <summary>Hosts were lost in the middle of a recovery.</summary>
    private void NoteLost(IEnumerable<HostName> hosts) =>
        _timelines.NoteLost(hosts, lost => _roster.KindOf(lost, FailureKind.Hardware));

    private void MakePlan(long now)
    {
        var choice = _plans.Evaluate(now);
        if (choice.Plan is not { } plan)
        {
            _state.Enter(choice.IsWaiting ? JobPhase.Halting : JobPhase.Failed, choice.Reason, choice.Missing);
            return;
        }

        if (plan.Restore is { } stored && stored.Epoch >= Record.Epoch)
        {
            BeginEpoch($"snapshot {stored} has a later epoch than the record", failure: null, now);
            return;
        }

        var shardBytes = plan.Restore is null ? _roster.DeclaredShardBytes() : [.. plan.Shards.Select(shard => shard.Replica.PayloadBytes)];
        if (shardBytes.IsDefault)
        {
            _standbys.Duties.AskForSizes();
            Wait(JobPhase.Halting, "waiting for every trainer to declare its state");
            return;
        }

        plan = _plans.Accept(plan, shardBytes);
        var brought = _repair.BroughtIn(plan);
        _repair.EndWithPlan();
        _redundancy.ObservePlan();
        _commits.StartFrom(plan.Restore);
        Record = Record with { Restore = plan.Restore, ShardBytes = shardBytes, Committed = _commits.Committed };
        if (plan.Restore is not null) Record = Record with { IsRebuilt = false };
        if (plan.Source == CopySource.Storage) Record = Record with { Persisted = plan.Restore };
        _timelines.StampPlanned(plan, brought, now);
        _state.Version = new DirectiveVersion(Record.Epoch, DirectiveStep.Prepare);
        _state.Enter(JobPhase.Preparing, choice.Reason);
    }

    private void EvaluatePreparing(long now)
    {
        if (_suspicion.FindRejection("before it was loaded", now) is { } rejection)
        {
            _plans.ObserveRejection(rejection.Hosts);
            TryBeginEpoch(rejection, now);
            return;
        }

        if (!_leaves.IsStopping && _suspicion.FindGone() is { } gone)
        {
            TryBeginEpoch(gone, now);
            return;
        }

        if (_standbys.ReplaceUnable() is { Count: > 0 } changes)
        {
            var hosts = changes.Select(change => change.Host).ToImmutableArray();
            var change = string.Join("; ", changes.Select(entry => entry.Reason));
            // The next attempt does not depend on these hosts any more, so no pause is needed.
            BeginEpoch(change, new Failure(FailureKind.Hardware, hosts, [], now, change), now);
            return;
        }

        if (!_roster.Assigned().All(host => host.Report.Done >= _state.Version))
        {
            Wait(JobPhase.Preparing, $"waiting for {_roster.Names(host => host.Report.Done < _state.Version)} to have its copies");
            return;
        }

        if (_leaves.IsStopping)
        {
            EvaluateStopped();
            return;
        }

        if (_roster.Trainers().Any(trainer => trainer is not { State: TrainerState.Waiting }))
        {
            var late = _roster.Names(host => !_roster.AllTrainersAreUp(host));
            Wait(JobPhase.Preparing, $"waiting for the trainers of {late} to come up");
            return;
        }

        _state.RingEndpoints = _roster.RingEndpoints();
        _suspicion.Probes.Remember();
        _timelines.StampFetched(now);
        _state.Version = new DirectiveVersion(Record.Epoch, DirectiveStep.Run);
        _state.Enter(JobPhase.Resuming, "waiting for trainers to load");
    }

    /// <summary>
    /// The job waits for hosts. If one of them cannot do its part and no standby can do it instead, the phase is Failed, so that people notice. The
    /// job leaves this phase as soon as the host makes progress or a standby can take the position.
    /// </summary>
    private void Wait(JobPhase phase, string reason)
    {
        if (_standbys.DescribeUnable() is { Length: > 0 } unable)
        {
            _state.Enter(JobPhase.Failed, unable);
            return;
        }

        var problems = _roster.Assigned().Where(host => host.IsPresent && host.Report.Problem is not null)
            .Select(host => $"{host.Report.Host}: {host.Report.Problem}").ToList();
        _state.Enter(phase, problems.Count == 0 ? reason : $"{reason}; {Phrases.Some(problems)}");
    }
}
