using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// The hosts that the root agent knows, by name, and which of them is at which position. Every report of every host reads this table. So results that
/// need a walk over all hosts are kept until they change, and reading them allocates nothing. Pure.
/// </summary>
internal sealed class HostTable(JobSpec job) : IEnumerable<KeyValuePair<HostName, HostView>>
{
    private readonly SortedDictionary<HostName, HostView> _byName = [];
    private readonly TrainerReport?[] _trainers = new TrainerReport?[job.WorldSize];
    private HostView[]? _values;
    private Seats? _seats;
    private bool _trainersAreOld = true;

    /// <summary>Grows with every change of a host. Two reads with the same number see the same hosts.</summary>
    public long Version { get; private set; }

    /// <summary>Grows when a host is added or removed, and when a host becomes present or lost.</summary>
    public long PresenceVersion { get; private set; }

    public int Count => _byName.Count;

    /// <summary>All hosts in the order of their names. A new array after a host was added or removed. Do not write to it.</summary>
    public HostView[] Values => _values ??= [.. _byName.Values];

    /// <summary>Where each host serves its copies.</summary>
    public ImmutableDictionary<HostName, string> DataEndpoints { get; private set; } = ImmutableDictionary<HostName, string>.Empty;

    public HostView this[HostName host] => _byName[host];

    public bool TryGetValue(HostName host, [MaybeNullWhen(false)] out HostView view) => _byName.TryGetValue(host, out view);

    public bool ContainsKey(HostName host) => _byName.ContainsKey(host);

    public void Add(HostName host, HostView view)
    {
        Invariant.Check(view.Report.Host == host, $"the state of host {view.Report.Host} is stored under the name {host}");
        _byName.Add(host, view);
        ChangeHosts();
        Change(view);
    }

    public void Remove(HostName host)
    {
        if (!_byName.Remove(host)) return;
        DataEndpoints = DataEndpoints.Remove(host);
        ChangeHosts();
    }

    /// <summary>Takes in a report of a host that is known.</summary>
    public void Observe(HostView host, HostReport report, long now)
    {
        var wasPresent = host.IsPresent;
        host.Observe(report, now);
        if (host.IsPresent != wasPresent) PresenceVersion++;
        Change(host);
    }

    /// <summary>Takes in that a silo process is dead.</summary>
    public void ObserveDead(HostView host, long incarnation, long now)
    {
        if (!host.IsPresent) return;
        host.ObserveDead(incarnation, now);
        if (host.IsPresent) return;
        Version++;
        PresenceVersion++;
    }

    /// <summary>The host at each position; null if the position is vacant or its host is unknown. Do not write to the array.</summary>
    public HostView?[] At(ImmutableArray<HostName?> assignment) => SeatsOf(assignment).Hosts;

    /// <summary>All known hosts with a position, present or lost, in position order. Do not write to the array.</summary>
    public HostView[] Assigned(ImmutableArray<HostName?> assignment) => SeatsOf(assignment).Assigned;

    /// <summary>
    /// The trainer of every rank; null if none is known. The array is valid until a host or the assignment changes. Do not write to it.
    /// </summary>
    public TrainerReport?[] Trainers(ImmutableArray<HostName?> assignment)
    {
        var hosts = At(assignment);
        if (!_trainersAreOld) return _trainers;
        Array.Clear(_trainers);
        for (var position = 0; position < hosts.Length; position++)
        {
            if (hosts[position] is not { } host) continue;
            foreach (var trainer in host.Report.Trainers)
            {
                if (trainer.LocalIndex < job.RanksPerHost) _trainers[job.RankOf(new HostPosition(position), trainer.LocalIndex).Value] = trainer;
            }
        }

        _trainersAreOld = false;
        return _trainers;
    }

    public IEnumerator<KeyValuePair<HostName, HostView>> GetEnumerator() => _byName.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Seats SeatsOf(ImmutableArray<HostName?> assignment)
    {
        if (_seats is { } known && known.Assignment == assignment) return known;
        Invariant.Check(assignment.Length == 0 || assignment.Length == job.HostCount, $"{assignment.Length} positions in a job of {job.HostCount} hosts");
        HostView?[] hosts = [.. assignment.Select(host => host is { } name ? _byName.GetValueOrDefault(name) : null)];
        _trainersAreOld = true;
        return _seats = new Seats(assignment, hosts, [.. hosts.OfType<HostView>()]);
    }

    private void ChangeHosts()
    {
        Version++;
        PresenceVersion++;
        (_values, _seats, _trainersAreOld) = (null, null, true);
    }

    private void Change(HostView host)
    {
        Version++;
        _trainersAreOld = true;
        var (name, endpoint) = (host.Report.Host, host.Report.DataEndpoint);
        if (!DataEndpoints.TryGetValue(name, out var known) || known != endpoint) DataEndpoints = DataEndpoints.SetItem(name, endpoint);
    }

    private sealed record Seats(ImmutableArray<HostName?> Assignment, HostView?[] Hosts, HostView[] Assigned);
}
