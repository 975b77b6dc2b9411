using System.Collections.Immutable;
using Gemini.Grains.Persistence;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// The storage tier: which snapshot goes there, and what is resumed from there.
public sealed partial class JobCoordinator
{
    /// <summary>Returns whether hosts have to be told something new.</summary>
    private bool EvaluatePersistence(long now)
    {
        if (_persist is null || Record.Assignment.IsEmpty || _state.Phase == JobPhase.Forming) return false;
        var before = (_persist.Request, HasManifest: WritesManifest());
        if (Record.PersistedSince == 0) Record = Record with { PersistedSince = now };
        var pace = _progress.Pace();
        var completed = _persist.Evaluate(
            new PersistObservation
            {
                Now = now,
                Epoch = Record.Epoch,
                IsTraining = _state.Phase == JobPhase.Running,
                Committed = _commits.Committed,
                Last = LastToPersist(),
                Reached = pace.Newest,
                Total = pace.Total,
                // Nobody has a word on a request that there is not.
                Reports = _persist.Request is null ? [] : [.. _roster.AtPositions().Select(host => host is { IsPresent: true } ? host.Report : null)],
            },
            Record.PersistedSince);
        if (completed is { } snapshot)
        {
            var since = _persist.RequestedAt;
            Record = Record with { Persisted = Newer(Record.Persisted, snapshot), PersistedSince = since };
        }

        return before != (_persist.Request, WritesManifest());
    }

    private bool WritesManifest() => _persist?.DirectiveFor(new HostPosition(0)) is { Manifest.IsEmpty: false };

    private static SnapshotId Newer(SnapshotId? known, SnapshotId completed) =>
        known is { } before && before.CompareTo(completed) > 0 ? before : completed;

    /// <summary>The plan from host memory. A baseline has none there: what was never persisted was never there.</summary>
    private (RecoveryPlan? Plan, string Reason, MissingShards? Missing) PlanFromMemory(Dictionary<HostName, ImmutableArray<Replica>> inventories)
    {
        var isBaseline = _state.Job.Storage is { IsBaseline: true };
        Iteration? known = Record.IsRebuilt && _commits.Committed == Iteration.Zero ? null : _commits.Committed;
        return RecoveryPlanner.Plan(
            _state.Job,
            [.. Record.Assignment.Select(host => host!.Value)],
            isBaseline ? [] : inventories,
            isBaseline ? Record.Persisted?.Iteration ?? default : known);
    }

    /// <summary>
    /// The plan when host memory has no whole snapshot. Null with <c>IsWaiting</c>: hosts have yet to look into the store.
    /// A job of this name that was lost with all its memory and its record goes on from there as well.
    /// </summary>
    private (RecoveryPlan? Plan, string Reason, bool IsWaiting) PlanFromStorage(RecoveryPlan? memory, string reason)
    {
        if (_persist is null || memory is { Restore: not null }) return (memory, reason, false);
        var storage = StoragePlanner.Plan(_state.Job, [.. _roster.Assigned().Select(host => host.Report)], Record.Epoch);
        if (storage.Finding == StorageFinding.Waiting) return (null, storage.Reason, true);
        if (storage.Finding == StorageFinding.Found) return (storage.Plan, storage.Reason, false);
        if (Record.Persisted is not null) Record = Record with { Persisted = null };
        if (memory is null || storage.Finding == StorageFinding.Empty) return (memory, $"{reason}; {storage.Reason}", false);
        return (null, $"not starting from the beginning, because {storage.Reason}; repair it, or move it away to begin anew", false);
    }

    private string? DescribeStorageProblem()
    {
        if (_persist is null) return null;
        var problems = _roster.Assigned().Where(host => host.IsPresent)
            .Select(host => (host.Report.Host, Problem: host.Report.Persist?.Problem ?? host.Report.Store?.Problem))
            .Where(entry => entry.Problem is not null)
            .GroupBy(entry => entry.Problem)
            .Select(group => $"{string.Join(", ", group.Select(entry => entry.Host))}: {group.Key}");
        return string.Join("; ", problems) is { Length: > 0 } problem ? problem : null;
    }
}
