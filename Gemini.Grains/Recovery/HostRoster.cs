using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>Who the hosts of the job are, which of them are there, and which position each one has. Pure.</summary>
/// <remarks>
/// A host is present while its newest silo process is not known to be dead. Who has a position stands in the record. Both are looked at for every
/// report of every host, so what goes through all hosts is kept until a host or the assignment changes.
/// </remarks>
internal sealed class HostRoster(JobState state)
{
    private readonly HostTable _hosts = new(state.Job);

    /// <summary>Hosts that had a position when this root agent came up.</summary>
    private readonly ImmutableArray<HostName> _recorded = [.. state.Record.Assignment.OfType<HostName>()];

    private readonly Dictionary<HostName, (HostReport Report, bool IsPresent)> _noted = [];
    private IReadOnlyCollection<MemberView>? _members;
    private ImmutableArray<MemberView> _dead = [];
    private (ImmutableArray<HostName?> Assignment, Dictionary<HostName, HostPosition> ByHost) _positions = ([], []);
    private (long Version, ImmutableArray<HostName?> Assignment, List<HostView> Hosts) _standbys = (-1, [], []);

    /// <summary>All hosts that have ever reported or were found dead, in the order of their names. Not to be written to.</summary>
    public HostView[] All => _hosts.Values;

    public int Count => _hosts.Count;

    /// <summary>Grows when a host comes or goes, by its silo process as well.</summary>
    public long PresenceVersion => _hosts.PresenceVersion;

    /// <summary>Where each host serves its copies.</summary>
    public ImmutableDictionary<HostName, string> DataEndpoints => _hosts.DataEndpoints;

    public IEnumerable<HostView> Present => All.Where(host => host.IsPresent);

    /// <summary>Recorded hosts that have not reported to this root agent and were not found dead.</summary>
    public IEnumerable<HostName> Unheard => _recorded.Where(host => !_hosts.ContainsKey(host));

    /// <summary>Every recorded host has reported to this root agent, whatever became of it since.</summary>
    public bool IsEveryHostHeardOf => state.Record.Assignment.OfType<HostName>().All(name => Find(name) is { Report.Sequence: > 0 });

    /// <summary>A position has no live host.</summary>
    public bool AnyIsAbsent => Array.Exists(AtPositions(), host => host is not { IsPresent: true });

    public HostView this[HostName host] => _hosts[host];

    /// <summary>Null: it has never reported, and was not found dead.</summary>
    public HostView? Find(HostName host) => _hosts.TryGetValue(host, out var view) ? view : null;

    public bool IsPresent(HostName host) => Find(host) is { IsPresent: true };

    /// <summary>Takes in what a host of this job says.</summary>
    public void Observe(HostReport report, long now)
    {
        if (Find(report.Host) is { } host) _hosts.Observe(host, report, now);
        else _hosts.Add(report.Host, new HostView(report, now));
    }

    /// <summary>Takes in which silo processes the cluster holds for alive and dead. Returns the newest process of each host, if it is dead.</summary>
    /// <param name="members">Never changed by the caller. The same collection again says that nothing has changed.</param>
    /// <param name="now">Unix milliseconds.</param>
    public ImmutableArray<MemberView> Observe(IReadOnlyCollection<MemberView> members, long now)
    {
        if (!ReferenceEquals(members, _members))
        {
            var newestOfEach = members.GroupBy(member => member.Host).Select(host => host.MaxBy(member => member.Incarnation));
            (_members, _dead) = (members, [.. newestOfEach.Where(member => member.Dead)]);
        }

        foreach (var newest in _dead)
        {
            if (Find(newest.Host) is { } host) _hosts.ObserveDead(host, newest.Incarnation, now);
            else if (PositionOf(newest.Host) is not null) _hosts.Add(newest.Host, HostView.OfDead(newest, now));
        }

        return _dead;
    }

    /// <summary>What has changed in a host since this was last asked of it.</summary>
    public HostChange TakeChange(HostName name)
    {
        if (Find(name) is not { Report: var report } host) return HostChange.None;
        var isKnown = _noted.TryGetValue(name, out var before);
        _noted[name] = (report, host.IsPresent);
        if (!isKnown || before.IsPresent != host.IsPresent || before.Report.Incarnation != report.Incarnation) return HostChange.Copies | HostChange.Losses;
        if (ReferenceEquals(before.Report, report)) return HostChange.None;
        var change = before.Report.QuarantinedCount == report.QuarantinedCount ? HostChange.None : HostChange.Losses;
        var hasSameCopies = before.Report.Done == report.Done
            && before.Report.Replicas.SequenceEqual(report.Replicas) && before.Report.GuestsRefused.SequenceEqual(report.GuestsRefused);
        return hasSameCopies ? change : change | HostChange.Copies;
    }

    /// <summary>The host turned out to be of another job.</summary>
    public void Remove(HostName host) => _hosts.Remove(host);

    /// <summary>Null: it is a standby, or unknown. Worked out anew only when a position changes hands.</summary>
    public HostPosition? PositionOf(HostName host)
    {
        if (_positions.Assignment != state.Record.Assignment)
        {
            var positions = state.Record.Assignment.Select((name, position) => (name, position)).Where(entry => entry.name is not null)
                .ToDictionary(entry => entry.name!.Value, entry => new HostPosition(entry.position));
            _positions = (state.Record.Assignment, positions);
        }

        return _positions.ByHost.TryGetValue(host, out var found) ? found : null;
    }

    public HostPosition? PositionOf(HostView host) => PositionOf(host.Report.Host);

    /// <summary>The host at each position; null for one that is vacant or whose host has never reported. Not to be written to.</summary>
    public HostView?[] AtPositions() => _hosts.At(state.Record.Assignment);

    /// <summary>Hosts with a position that have ever reported, in position order. Not to be written to.</summary>
    public HostView[] Assigned() => _hosts.Assigned(state.Record.Assignment);

    /// <summary>Positions without a live host.</summary>
    public IEnumerable<HostPosition> AbsentPositions() => Enumerable.Range(0, state.Record.Assignment.Length)
        .Where(index => state.Record.Assignment[index] is not { } host || !IsPresent(host))
        .Select(index => new HostPosition(index));

    /// <summary>Live hosts that could take a position. Asked for with every vacant one, so kept until a host or the assignment changes.</summary>
    public List<HostView> Standbys()
    {
        if (_standbys.Version != _hosts.Version || _standbys.Assignment != state.Record.Assignment)
        {
            var standbys = Present.Where(host => !host.Report.IsLeaving && PositionOf(host) is null).ToList();
            _standbys = (_hosts.Version, state.Record.Assignment, standbys);
        }

        return _standbys.Hosts;
    }

    /// <summary>The trainer of every rank; null where none is known. It holds until the next change of a host, and is not to be written to.</summary>
    public TrainerReport?[] Trainers() => _hosts.Trainers(state.Record.Assignment);

    /// <summary>Whether the host has all its trainers, and this is so of each.</summary>
    public bool AllTrainers(HostView host, Func<TrainerReport, bool> isSo)
    {
        var count = 0;
        foreach (var trainer in host.Report.Trainers)
        {
            if (trainer.LocalIndex < state.Job.RanksPerHost && isSo(trainer)) count++;
        }

        return count == state.Job.RanksPerHost;
    }

    public bool AllTrainersAreUp(HostView host) => AllTrainers(host, trainer => trainer.State == TrainerState.Waiting);

    public ImmutableArray<string> RingEndpoints() => [.. Trainers().Select(trainer => trainer?.RingEndpoint ?? "")];

    /// <summary>What the trainers declared; default while one has not.</summary>
    public ImmutableArray<long> DeclaredShardBytes()
    {
        var bytes = Trainers().Select(trainer => trainer?.ShardBytes ?? 0).ToImmutableArray();
        return bytes.All(size => size > 0) ? bytes : default;
    }

    /// <summary>By the placement, the owner's host first; null where a position is vacant.</summary>
    public IEnumerable<HostName?> HoldersOf(Rank rank) =>
        state.Placement.HoldersOf(state.Job.PositionOf(rank)).Select(position => state.Record.Assignment[position.Value]);

    /// <summary>The names of some hosts with a position, for people.</summary>
    public string Names(Func<HostView, bool> selected) => string.Join(", ", Assigned().Where(selected).Select(host => host.Report.Host));

    /// <summary>Hosts that were told to stop have not failed.</summary>
    public FailureKind KindOf(IEnumerable<HostName> hosts, FailureKind kind) =>
        hosts.All(host => Find(host) is { Report.IsLeaving: true }) ? FailureKind.Planned : kind;
}
