using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// The hosts that the root agent knows, by name, and who of them is at which position. It is looked at for every report of every host. So what
/// goes through all hosts is kept until it changes, and reading it allocates nothing. Pure.
/// </summary>
internal sealed class HostTable(JobSpec job) : IEnumerable<KeyValuePair<HostName, HostView>>
{
    private readonly SortedDictionary<HostName, HostView> _byName = [];
    private readonly TrainerReport?[] _trainers = new TrainerReport?[job.WorldSize];
    private HostView[]? _values;
    private Seats? _seats;
    private bool _trainersAreOld = true;

    /// <summary>Grows with every change of a host; two looks with the same number saw the same.</summary>
    public long Version { get; private set; }

    /// <summary>Grows when a host comes or goes, by its silo process as well.</summary>
    public long PresenceVersion { get; private set; }

    public int Count => _byName.Count;

    /// <summary>All hosts in the order of their names. Another array after a host came or went; not to be written to.</summary>
    public HostView[] Values => _values ??= [.. _byName.Values];

    /// <summary>Where each host serves its copies.</summary>
    public ImmutableDictionary<HostName, string> DataEndpoints { get; private set; } = ImmutableDictionary<HostName, string>.Empty;

    public HostView this[HostName host] => _byName[host];

    public bool TryGetValue(HostName host, [MaybeNullWhen(false)] out HostView view) => _byName.TryGetValue(host, out view);

    public bool ContainsKey(HostName host) => _byName.ContainsKey(host);

    public void Add(HostName host, HostView view)
    {
        Invariant.Check(view.Report.Host == host, $"what is known of host {view.Report.Host} is kept as host {host}");
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

    /// <summary>The host at each position; null for one that is vacant or whose host has never reported. Not to be written to.</summary>
    public HostView?[] At(ImmutableArray<HostName?> assignment) => SeatsOf(assignment).Hosts;

    /// <summary>Hosts with a position that have ever reported, in position order. Not to be written to.</summary>
    public HostView[] Assigned(ImmutableArray<HostName?> assignment) => SeatsOf(assignment).Assigned;

    /// <summary>The trainer of every rank; null where none is known. It holds until the next change of a host, and is not to be written to.</summary>
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
