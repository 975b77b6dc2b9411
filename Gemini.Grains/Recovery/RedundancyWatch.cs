using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>How many live copies every shard has, and for how long one more loss could have cost the state in memory. Pure.</summary>
/// <remarks>
/// Counting walks over all copies. So it is done only after a report, a commit or the membership brought a change that affects the count.
/// </remarks>
internal sealed class RedundancyWatch
{
    private readonly JobState _state;
    private readonly HostRoster _roster;
    private readonly JobCommits _commits;
    private readonly ExposureClock _exposure;
    private bool _isDue = true;
    private LiveCopies _copies = new(0, []);

    /// <summary>
    /// Hosts with a position that were present at the newest commit under the current plan, with their silo process; null before the first such
    /// commit.
    /// </summary>
    private Dictionary<HostName, long>? _committedBy;

    /// <summary>Exposed milliseconds before the newest time line began; null if that time line needs no stamp any more.</summary>
    private long? _exposedBeforeRecovery;

    private bool _lackedCopies;

    public RedundancyWatch(JobState state, HostRoster roster, JobCommits commits)
    {
        (_state, _roster, _commits) = (state, roster, commits);
        var record = state.Record;
        _exposure = new ExposureClock(record.Exposed);
        if (record.Recoveries is [.., { ResumedAt: 0 }]) (_exposedBeforeRecovery, _lackedCopies) = (record.ExposedBeforeRecovery, record.Exposed.Since > 0);
    }

    /// <summary>For how long the job was exposed.</summary>
    public ExposedTime Exposed => _exposure.Time;

    /// <summary>One more loss may cost the state in memory, and something was committed.</summary>
    private bool IsExposed => _copies.Least <= 1 && _state.Record.Committed > Iteration.Zero;

    /// <summary>A host has reported, or its silo process has died.</summary>
    public void Observe(HostChange change)
    {
        // If every holder still has its copy of the newest commit, reports of copies cannot raise the count.
        if (change.HasFlag(HostChange.Losses)) _isDue = true;
        if (change.HasFlag(HostChange.Copies) && (_committedBy is null || _copies.Least < _state.Job.Replicas)) _isDue = true;
    }

    /// <summary>A snapshot is committed: every holder that is present now has its copy.</summary>
    public void ObserveCommit()
    {
        Invariant.Check(_state.Version.Step >= DirectiveStep.Run, $"something is committed while the directive is {_state.Version}");
        _committedBy = _roster.Assigned().Where(host => host.IsPresent).ToDictionary(host => host.Report.Host, host => host.Report.Incarnation);
        _isDue = true;
    }

    /// <summary>There is a plan. Until the next commit, only reports say which host holds which copy.</summary>
    public void ObservePlan() => (_committedBy, _isDue) = (null, true);

    /// <summary>A recovery begins. From now on its exposed time is measured.</summary>
    public void BeginRecovery(long now)
    {
        var exposed = _exposure.Time.EndedAt(now).TotalMilliseconds;
        (_exposedBeforeRecovery, _isDue) = (exposed, true);
        _state.Record = _state.Record with { ExposedBeforeRecovery = exposed };
    }

    public void Evaluate(long now)
    {
        if (!_isDue || _state.Record.Assignment.IsEmpty || _state.Phase == JobPhase.Forming) return;
        _isDue = false;
        var replicas = _state.Job.Replicas;
        var copies = _committedBy is null ? new LiveCopies(0, []) : LiveCopies.Committed(_state.Job, _state.Placement, HoldsCommitted);
        if (copies.Least < replicas)
        {
            var reported = LiveCopies.Reported(_state.Job, _roster.Present.Select(host => host.Report.Replicas));
            if (reported.Least > copies.Least || _committedBy is null) copies = reported;
        }

        Invariant.Check(copies.Least >= replicas || !copies.Weakest.IsEmpty, $"a shard has only {copies.Least} copies, but no rank is named");
        _copies = copies.Least >= replicas ? new LiveCopies(copies.Least, []) : copies;
        // Outside of recoveries this does not change the record, because training must continue without the record's store.
        if (replicas > 1 && _exposure.Observe(IsExposed, now) && _state.Record.Recoveries is [.., { ResumedAt: 0 }])
            _state.Record = _state.Record with { Exposed = _exposure.Time };
        StampRedundant(now);
    }

    public Redundancy Describe(long now)
    {
        var exposed = _exposure.Time.EndedAt(now);
        return new Redundancy
        {
            LeastCopies = _copies.Least,
            Weakest = _copies.Weakest,
            Exposed = IsExposed,
            ExposedSince = _exposure.Time.Since,
            ExposedMilliseconds = exposed.TotalMilliseconds,
            LongestExposedMilliseconds = exposed.LongestMilliseconds,
        };
    }

    private bool HoldsCommitted(HostPosition position, Rank owner)
    {
        if (_roster.AtPositions()[position.Value] is not { IsPresent: true, Report: var report }) return false;
        return _committedBy!.TryGetValue(report.Host, out var incarnation) && incarnation == report.Incarnation
            && !report.Quarantined.Any(bad => bad.Owner == owner && bad.Snapshot.Iteration == _commits.Committed);
    }

    /// <summary>
    /// If every shard has its copies again, stamps the newest time line with the time and the exposed milliseconds. The recovery may have ended
    /// already.
    /// </summary>
    private void StampRedundant(long now)
    {
        if (_state.Record.Recoveries is not [.. var earlier, var last] || _exposedBeforeRecovery is not { } before) return;
        if (_copies.Least < _state.Job.Replicas)
        {
            _lackedCopies = true;
            return;
        }

        if (!_lackedCopies && last.ResumedAt == 0) return;
        if (last.ResumedAt > 0) _exposedBeforeRecovery = null;
        if (!_lackedCopies) return;
        _lackedCopies = false;
        last = last with { RedundantAt = now, ExposedMilliseconds = _exposure.Time.EndedAt(now).TotalMilliseconds - before };
        _state.Record = _state.Record with { Recoveries = [.. earlier, last], Exposed = _exposure.Time };
    }
}
