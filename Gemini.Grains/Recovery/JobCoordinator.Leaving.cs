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
    private bool IsStopping => _storage.Exists && !OthersStay && Array.Exists(_roster.Assigned(), host => host.IsPresent);

    /// <summary>A live host with a position was not told to stop.</summary>
    private bool OthersStay => Array.Exists(_roster.Assigned(), host => host is { IsPresent: true, Report.IsLeaving: false });

    private void BeginStop(long now)
    {
        var recoveries = Record.Recoveries;
        BeginEpoch("every host of the job was told to stop", failure: null, now);
        // It is no recovery: its time line would last until the next start.
        Record = Record with { Recoveries = recoveries };
    }

    private void EvaluateStopped() =>
        _state.Enter(JobPhase.Persisting, $"every host was told to stop; {_storage.DescribeCommitted()}");

    /// <summary>Returns whether a host has to be told something new.</summary>
    private bool EvaluateLeaving(long now)
    {
        _failedSince = _state.Phase == JobPhase.Failed ? _failedSince ?? now : null;
        var before = _leave;
        var observation = new LeaveObservation
        {
            Phase = _state.Phase,
            Reason = Reason,
            FailedMilliseconds = now - (_failedSince ?? now),
            AllKnowOfCompletion = Array.TrueForAll(_roster.All, host => !host.IsPresent || host.Report.Done == _state.Complete),
            OthersStay = OthersStay,
            IsIncomplete = _roster.AnyIsAbsent,
            HasStorage = _storage.Exists,
            Committed = _commits.Snapshot,
            IsPersisted = _storage.HasCommitted,
        };
        // Hosts that were not told to stop all hear the same.
        var toOthers = LeavePlanner.Evaluate(observation);
        var words = ImmutableSortedDictionary<HostName, LeaveDirective>.Empty;
        foreach (var host in _roster.All)
        {
            if (!host.IsPresent) continue;
            var word = host.LeavingSince is not { } since ? toOthers : LeavePlanner.Evaluate(observation with
            {
                LeavingMilliseconds = now - since,
                HasPosition = _roster.PositionOf(host) is not null,
            });
            if (word is not null) words = words.Add(host.Report.Host, word);
        }

        _leave = words;
        return !before.SequenceEqual(words);
    }
}
