using Gemini.Grains.Persistence;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Persistent storage, in a job that has it: which snapshot goes to storage, whether the last snapshot is in storage, and what is wrong. Pure.
/// </summary>
internal sealed class StorageDesk(JobState state, HostRoster roster, JobCommits commits, JobProgress progress)
{
    private readonly PersistTracker? _persist = state.Job.Storage is { } policy ? new PersistTracker(state.Job, policy) : null;

    /// <summary>The job has persistent storage.</summary>
    public bool Exists => _persist is not null;

    /// <summary>The newest committed snapshot is in storage, or nothing is committed.</summary>
    public bool HasCommitted =>
        commits.Snapshot is not { } snapshot || (state.Record.Persisted is { } persisted && persisted.CompareTo(snapshot) >= 0);

    /// <summary>The persist directive for the host at this position; null: nothing to do.</summary>
    public PersistDirective? DirectiveFor(HostPosition position) => _persist?.DirectiveFor(position);

    /// <summary>Returns whether hosts have to be told something new.</summary>
    public bool Evaluate(long now)
    {
        if (_persist is null || state.Record.Assignment.IsEmpty || state.Phase == JobPhase.Forming) return false;
        var before = (_persist.Request, HasManifest: WritesManifest());
        if (state.Record.PersistedSince == 0) state.Record = state.Record with { PersistedSince = now };
        var pace = progress.Pace();
        var completed = _persist.Evaluate(
            new PersistObservation
            {
                Now = now,
                Epoch = state.Record.Epoch,
                IsTraining = state.Phase == JobPhase.Running,
                Committed = commits.Committed,
                Last = state.Phase == JobPhase.Persisting && !HasCommitted ? commits.Snapshot : null,
                Reached = pace.Newest,
                Total = pace.Total,
                // Without a request, no report has anything about one.
                Reports = _persist.Request is null ? [] : [.. roster.AtPositions().Select(host => host is { IsPresent: true } ? host.Report : null)],
            },
            state.Record.PersistedSince);
        if (completed is { } snapshot)
        {
            var since = _persist.RequestedAt;
            state.Record = state.Record with { Persisted = Newer(state.Record.Persisted, snapshot), PersistedSince = since };
        }

        return before != (_persist.Request, WritesManifest());
    }

    /// <summary>
    /// The failure that a host no longer holds its own copy of the last snapshot; null: none. The recovery fetches the copy from a peer.
    /// </summary>
    public Failure? FindMissedLast(long now)
    {
        if (state.Phase != JobPhase.Persisting || _persist?.Request is not { } last || last != commits.Snapshot) return null;
        var without = Array.Find(roster.Assigned(), host =>
            host.IsPresent && host.Report.Persist is { Stage: PersistStage.Missed } missed && missed.Snapshot == last);
        return without is null ? null : new Failure(
            FailureKind.Software, [without.Report.Host], [], now, $"{without.Report.Host}: it no longer holds its shards of the last snapshot, {last}");
    }

    /// <summary>Whether the newest committed snapshot is in storage already, for people.</summary>
    public string DescribeCommitted() => HasCommitted
        ? $"snapshot {commits.Snapshot} is in storage"
        : $"waiting for snapshot {commits.Snapshot} to be in storage" + (DescribeProblem() is { } problem ? $" ({problem})" : "");

    /// <summary>The problems that hosts report about storage, for people; null: none.</summary>
    public string? DescribeProblem()
    {
        if (_persist is null) return null;
        var problems = roster.Assigned().Where(host => host.IsPresent)
            .Select(host => (host.Report.Host, Problem: host.Report.Persist?.Problem ?? host.Report.Store?.Problem))
            .Where(entry => entry.Problem is not null)
            .GroupBy(entry => entry.Problem)
            .Select(group => $"{string.Join(", ", group.Select(entry => entry.Host))}: {group.Key}");
        return string.Join("; ", problems) is { Length: > 0 } problem ? problem : null;
    }

    private bool WritesManifest() => _persist?.DirectiveFor(new HostPosition(0)) is { Manifest.IsEmpty: false };

    private static SnapshotId Newer(SnapshotId? known, SnapshotId completed) =>
        known is { } before && before.CompareTo(completed) > 0 ? before : completed;
}
