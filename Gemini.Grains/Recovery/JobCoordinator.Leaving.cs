using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// Hosts that leave: at the end of the job, or because they were told to stop.
public sealed partial class JobCoordinator
{
    private ImmutableSortedDictionary<HostName, LeaveDirective> _leave = ImmutableSortedDictionary<HostName, LeaveDirective>.Empty;
    private long? _failedSince;

    /// <summary>
    /// Every live host with a position was told to stop, and there is storage to bring the newest snapshot to. The job then halts once more,
    /// prepares what it would resume from, and persists that instead of resuming.
    /// </summary>
    private bool IsStopping => _persist is not null && Present().Any() && Present().All(host => host.Report.IsLeaving);

    private IEnumerable<HostView> Present() => AssignedHosts().Where(host => host.IsPresent);

    private void BeginStop(long now)
    {
        var recoveries = Record.Recoveries;
        BeginEpoch("every host of the job was told to stop", failure: null, now);
        // It is no recovery: its time line would last until the next start.
        Record = Record with { Recoveries = recoveries };
    }

    private void EvaluateStopped() =>
        Enter(JobPhase.Persisting, $"every host was told to stop; {DescribePersisting(CommittedSnapshot)}");

    /// <summary>Returns whether a host has to be told something new.</summary>
    private bool EvaluateLeaving(long now)
    {
        _failedSince = _phase == JobPhase.Failed ? _failedSince ?? now : null;
        var before = _leave;
        var observation = new LeaveObservation
        {
            Phase = _phase,
            Reason = Reason,
            FailedMilliseconds = now - (_failedSince ?? now),
            AllKnowOfCompletion = _hosts.Values.Where(host => host.IsPresent).All(host => host.Report.Done == Complete),
            OthersStay = Present().Any(host => !host.Report.IsLeaving),
            IsIncomplete = AbsentPositions().Any(),
            HasStorage = _persist is not null,
            Committed = CommittedSnapshot,
            IsPersisted = IsPersisted(CommittedSnapshot),
        };
        var words = _hosts.Values.Where(host => host.IsPresent).Select(host => (host.Report.Host, Word: LeavePlanner.Evaluate(observation with
        {
            LeavingMilliseconds = host.LeavingSince is { } since ? now - since : null,
            HasPosition = PositionOf(host.Report.Host) is not null,
        })));
        _leave = words.Where(host => host.Word is not null).ToImmutableSortedDictionary(host => host.Host, host => host.Word!);
        return !before.SequenceEqual(_leave);
    }

    /// <summary>Hosts that were told to stop have not failed.</summary>
    private FailureKind KindOf(IEnumerable<HostName> hosts, FailureKind kind) =>
        hosts.All(host => _hosts.TryGetValue(host, out var view) && view.Report.IsLeaving) ? FailureKind.Planned : kind;
}
