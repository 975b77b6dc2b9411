using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// Repair while a position is vacant, and how many losses the job can stand.
public sealed partial class JobCoordinator
{
    private readonly Dictionary<HostName, (HostReport Report, bool IsPresent)> _noted = [];
    private readonly ExposureClock _exposure;
    private ImmutableSortedDictionary<HostName, ImmutableArray<GuestCopy>> _guests =
        ImmutableSortedDictionary<HostName, ImmutableArray<GuestCopy>>.Empty;

    /// <summary>Every copy that a host was to take in since the plan before.</summary>
    private readonly HashSet<(HostName Host, Replica Copy)> _takenIn = [];

    private string _repair = "";
    private bool _inventoriesChanged = true;
    private bool _redundancyChanged = true;
    private LiveCopies _copies = new(0, []);

    /// <summary>The silo processes that were there at the newest commit of the running plan; null before one.</summary>
    private ImmutableDictionary<HostName, long>? _committedBy;

    /// <summary>What was exposed before the newest time line began; null once every shard has its copies again.</summary>
    private long? _exposedBeforeRecovery;

    private bool _lackedCopies;

    private bool IsExposed => _copies.Least <= 1 && Record.Committed > Iteration.Zero;

    /// <summary>Planning and counting go through all copies, so they are done only when a report brought something that matters to them.</summary>
    private void NoteReport(HostName host)
    {
        if (_roster.Find(host) is not { } view) return;
        var (now, isKnown) = ((view.Report, view.IsPresent), _noted.TryGetValue(host, out var before));
        _noted[host] = now;
        if (isKnown && ReferenceEquals(before.Report, now.Report) && before.IsPresent == now.IsPresent) return;
        var sameProcess = isKnown && before.IsPresent == now.IsPresent && before.Report.Incarnation == now.Report.Incarnation;
        if (!sameProcess || before.Report.QuarantinedCount != now.Report.QuarantinedCount) _redundancyChanged = true;
        var sameCopies = sameProcess && before.Report.Done == now.Report.Done
            && before.Report.Replicas.SequenceEqual(now.Report.Replicas) && before.Report.GuestsRefused.SequenceEqual(now.Report.GuestsRefused);
        if (sameCopies) return;
        _inventoriesChanged = true;
        // While every holder of the newest commit has its copy, reports add nothing.
        if (_committedBy is null || _copies.Least < _state.Job.Replicas) _redundancyChanged = true;
    }

    private void NoteCommit()
    {
        _committedBy = _roster.Assigned().Where(host => host.IsPresent).ToImmutableDictionary(host => host.Report.Host, host => host.Report.Incarnation);
        _redundancyChanged = true;
    }

    /// <summary>What live hosts should take in while the job waits for a machine; in words, for people.</summary>
    private string PlanRepair(long now)
    {
        var sinceStart = TimeSpan.FromMilliseconds(now - _state.StartedAt);
        if (!_inventoriesChanged || RepairPlanner.IsTooEarly(_isRestart, _roster.IsEveryHostHeardOf, sinceStart, _state.Health.RestartGrace)) return _repair;
        _inventoriesChanged = false;
        var halted = _roster.Present.Where(host => host.Report.Done >= _state.Version).ToList();
        if (halted.Count == 0) return _repair = "";
        var refused = halted.SelectMany(host => host.Report.GuestsRefused.Select(owner => (host.Report.Host, owner))).ToHashSet();
        var (guests, reason) = RepairPlanner.Plan(
            _state.Job, Record.Assignment, halted.ToDictionary(host => host.Report.Host, host => host.Report.Replicas), refused, _guests, _domains.AreShared);
        if (!IsSame(guests, _guests)) _guests = guests;
        _takenIn.UnionWith(guests.SelectMany(host => host.Value.Select(copy => (host.Key, copy.Replica))));
        return _repair = reason.Length == 0 ? "" : "; " + reason;
    }

    /// <summary>A peer, when a rank's own host lacked its shard and took it in while the job waited.</summary>
    private CopySource BroughtIn(RecoveryPlan plan) =>
        plan.Shards.Any(shard => shard.Sources is [var first, ..] && _takenIn.Contains((first, shard.Replica))) ? CopySource.Peer : CopySource.None;

    private void EndRepair()
    {
        _guests = _guests.Clear();
        _repair = "";
        _inventoriesChanged = true;
    }

    private static bool IsSame(
        ImmutableSortedDictionary<HostName, ImmutableArray<GuestCopy>> left, ImmutableSortedDictionary<HostName, ImmutableArray<GuestCopy>> right) =>
        left.Count == right.Count && left.All(host => right.TryGetValue(host.Key, out var copies) && copies.SequenceEqual(host.Value));

    private void EvaluateRedundancy(long now)
    {
        if (!_redundancyChanged || Record.Assignment.IsEmpty || _state.Phase == JobPhase.Forming) return;
        _redundancyChanged = false;
        var copies = _committedBy is null ? new LiveCopies(0, []) : LiveCopies.Committed(_state.Job, _state.Placement, HoldsCommitted);
        if (copies.Least < _state.Job.Replicas)
        {
            var reported = LiveCopies.Reported(_state.Job, _roster.Present.Select(host => host.Report.Replicas));
            if (reported.Least > copies.Least || _committedBy is null) copies = reported;
        }

        _copies = copies.Least >= _state.Job.Replicas ? new LiveCopies(copies.Least, []) : copies;
        // Outside of recoveries nothing else is written, and must not have to be: training goes on without the record's store.
        if (_state.Job.Replicas > 1 && _exposure.Observe(IsExposed, now) && Record.Recoveries is [.., { ResumedAt: 0 }])
            Record = Record with { Exposed = _exposure.Time };
        StampRedundant(now);
    }

    private bool HoldsCommitted(HostPosition position, Rank owner)
    {
        if (_roster.AtPositions()[position.Value] is not { IsPresent: true, Report: var report }) return false;
        return _committedBy!.TryGetValue(report.Host, out var incarnation) && incarnation == report.Incarnation
            && !report.Quarantined.Any(bad => bad.Owner == owner && bad.Snapshot.Iteration == _commits.Committed);
    }

    /// <summary>A recovery begins, and with it another measurement of how long the job is exposed.</summary>
    private void BeginExposure(long now)
    {
        (_exposedBeforeRecovery, _redundancyChanged) = (_exposure.Time.EndedAt(now).TotalMilliseconds, true);
        Record = Record with { ExposedBeforeRecovery = _exposedBeforeRecovery.Value };
    }

    private void StampRedundant(long now)
    {
        if (Record.Recoveries is not [.. var earlier, var last] || _exposedBeforeRecovery is not { } before) return;
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
        Record = Record with { Recoveries = [.. earlier, last], Exposed = _exposure.Time };
    }

    private Redundancy DescribeRedundancy(long now)
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
}
