using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>The hosts of the job: which of them are present, and which position each host has. Pure.</summary>
/// <remarks>
/// A host is present while its newest silo process is not known to be dead. The record says which host has which position. Every report of every host
/// reads both, so results that need a walk over all hosts are kept until a host or the assignment changes.
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

    /// <summary>All hosts that have ever reported or whose silo was found dead, in the order of their names. Do not write to the array.</summary>
    public HostView[] All => _hosts.Values;

    public int Count => _hosts.Count;

    /// <summary>Grows when a host is added or removed, and when a host becomes present or lost.</summary>
    public long PresenceVersion => _hosts.PresenceVersion;

    /// <summary>Where each host serves its copies.</summary>
    public ImmutableDictionary<HostName, string> DataEndpoints => _hosts.DataEndpoints;

    public IEnumerable<HostView> Present => All.Where(host => host.IsPresent);

    /// <summary>Recorded hosts that have not reported to this root agent and whose silo was not found dead.</summary>
    public IEnumerable<HostName> Unheard => _recorded.Where(host => !_hosts.ContainsKey(host));

    /// <summary>Every host with a position has reported to this root agent, even if it was lost afterwards.</summary>
    public bool IsEveryHostHeardOf => state.Record.Assignment.OfType<HostName>().All(name => Find(name) is { Report.Sequence: > 0 });

    /// <summary>At least one position has no present host.</summary>
    public bool AnyIsAbsent => Array.Exists(AtPositions(), host => host is not { IsPresent: true });

    public HostView this[HostName host] => _hosts[host];

    /// <summary>Null: the host has never reported, and its silo was not found dead.</summary>
    public HostView? Find(HostName host) => _hosts.TryGetValue(host, out var view) ? view : null;

    public bool IsPresent(HostName host) => Find(host) is { IsPresent: true };

    /// <summary>Takes in a report of a host of this job.</summary>
    public void Observe(HostReport report, long now)
    {
        if (Find(report.Host) is { } host) _hosts.Observe(host, report, now);
        else _hosts.Add(report.Host, new HostView(report, now));
    }

    /// <summary>
    /// Takes in which silo processes are alive and dead in the cluster's membership. Returns the newest process of each host, if it is dead.
    /// </summary>
    /// <param name="members">The caller must not change this collection. The same collection again means that nothing has changed.</param>
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

    /// <summary>What has changed about the copies of a host since the last call for this host.</summary>
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

    /// <summary>The host is configured for another job.</summary>
    public void Remove(HostName host) => _hosts.Remove(host);

    /// <summary>Null: the host is a standby, or unknown. Computed again only when another host gets a position.</summary>
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

    /// <summary>The host at each position; null if the position is vacant or its host is unknown. Do not write to the array.</summary>
    public HostView?[] AtPositions() => _hosts.At(state.Record.Assignment);

    /// <summary>All known hosts with a position, present or lost, in position order. Do not write to the array.</summary>
    public HostView[] Assigned() => _hosts.Assigned(state.Record.Assignment);

    /// <summary>Positions without a present host.</summary>
    public IEnumerable<HostPosition> AbsentPositions() => Enumerable.Range(0, state.Record.Assignment.Length)
        .Where(index => state.Record.Assignment[index] is not { } host || !IsPresent(host))
        .Select(index => new HostPosition(index));

    /// <summary>
    /// Present hosts that have no position and are not leaving. Read once for every vacant position, so kept until a host or the assignment changes.
    /// </summary>
    public List<HostView> Standbys()
    {
        if (_standbys.Version != _hosts.Version || _standbys.Assignment != state.Record.Assignment)
        {
            var standbys = Present.Where(host => !host.Report.IsLeaving && PositionOf(host) is null).ToList();
            _standbys = (_hosts.Version, state.Record.Assignment, standbys);
        }

        return _standbys.Hosts;
    }

    /// <summary>
    /// The trainer of every rank; null if none is known. The array is valid until a host or the assignment changes. Do not write to it.
    /// </summary>
    public TrainerReport?[] Trainers() => _hosts.Trainers(state.Record.Assignment);

    /// <summary>Whether the host has all its trainers, and the predicate is true for each of them.</summary>
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

    /// <summary>How fast the present hosts moved copies so far.</summary>
    public RestoreRates MeasuredRates() => RestoreRates.Of(Present.Select(host => host.Report));

    public ImmutableArray<string> RingEndpoints() => [.. Trainers().Select(trainer => trainer?.RingEndpoint ?? "")];

    /// <summary>The shard sizes that the trainers declared; default while a trainer has not declared its size.</summary>
    public ImmutableArray<long> DeclaredShardBytes()
    {
        var bytes = Trainers().Select(trainer => trainer?.ShardBytes ?? 0).ToImmutableArray();
        return bytes.All(size => size > 0) ? bytes : default;
    }

    /// <summary>The hosts that hold a rank's shard by the placement, the owner's host first; null if a position is vacant.</summary>
    public IEnumerable<HostName?> HoldersOf(Rank rank) =>
        state.Placement.HoldersOf(state.Job.PositionOf(rank)).Select(position => state.Record.Assignment[position.Value]);

    /// <summary>The names of the selected hosts with a position, for people; of many, only the first.</summary>
    public string Names(Func<HostView, bool> selected) => Phrases.Some([.. Assigned().Where(selected).Select(host => host.Report.Host.Value)]);

    /// <summary>
    /// <see cref="FailureKind.Planned"/> if all these hosts were told to stop, because then they have not failed; else the given kind.
    /// </summary>
    public FailureKind KindOf(IEnumerable<HostName> hosts, FailureKind kind) =>
        hosts.All(host => Find(host) is { Report.IsLeaving: true }) ? FailureKind.Planned : kind;
}
