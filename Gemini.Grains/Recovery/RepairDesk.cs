using Gemini.Interfaces;
using Gemini.Interfaces.Model;
using Guests = System.Collections.Immutable.ImmutableSortedDictionary<
    Gemini.Interfaces.Model.HostName, System.Collections.Immutable.ImmutableArray<Gemini.Interfaces.Model.GuestCopy>>;

namespace Gemini.Grains.Recovery;

/// <summary>What live hosts take in while the job waits for a machine, as <see cref="RepairPlanner"/> decides. Pure.</summary>
internal sealed class RepairDesk(JobState state, HostRoster roster, JobDomains domains)
{
    /// <summary>Every copy that a host was to take in since the plan before.</summary>
    private readonly HashSet<(HostName Host, Replica Copy)> _takenIn = [];

    private bool _isDue = true;
    private string _reason = "";

    /// <summary>When this root agent came up, no host ran the recorded epoch any more.</summary>
    public bool IsRestart { get; set; }

    /// <summary>What every host is to take in; another one whenever the decision changes.</summary>
    public Guests Guests { get; private set; } = Guests.Empty;

    /// <summary>A host has reported, or its silo process has died.</summary>
    public void Observe(HostChange change) => _isDue |= change.HasFlag(HostChange.Copies);

    /// <summary>Nobody is to take in anything any more.</summary>
    public void End() => (Guests, _reason, _isDue) = (Guests.Clear(), "", true);

    /// <summary>There is a plan: what was taken in for it is part of it.</summary>
    public void EndWithPlan()
    {
        _takenIn.Clear();
        End();
    }

    /// <summary>Decides. Planning goes through all copies, so it is done only when a report brought something that matters to it.</summary>
    public void Evaluate(long now)
    {
        var sinceStart = TimeSpan.FromMilliseconds(now - state.StartedAt);
        if (!_isDue || RepairPlanner.IsTooEarly(IsRestart, roster.IsEveryHostHeardOf, sinceStart, state.Health.RestartGrace)) return;
        Invariant.Check(state.Version.Step == DirectiveStep.Halt, $"copies are taken in while the directive is {state.Version}");
        _isDue = false;
        _reason = "";
        var halted = roster.Present.Where(host => host.Report.Done >= state.Version).ToList();
        if (halted.Count == 0) return;
        var refused = halted.SelectMany(host => host.Report.GuestsRefused.Select(owner => (host.Report.Host, owner))).ToHashSet();
        var (guests, reason) = RepairPlanner.Plan(
            state.Job, state.Record.Assignment, halted.ToDictionary(host => host.Report.Host, host => host.Report.Replicas), refused, Guests,
            domains.AreShared);
        foreach (var host in guests.Keys) Invariant.Check(roster.IsPresent(host), $"host {host} is to take in copies, and is not there");
        if (!IsSame(guests, Guests)) Guests = guests;
        _takenIn.UnionWith(guests.SelectMany(host => host.Value.Select(copy => (host.Key, copy.Replica))));
        _reason = reason;
    }

    /// <summary>What is repaired meanwhile, to be added to a sentence; empty: nothing.</summary>
    public string Describe() => _reason.Length == 0 ? "" : "; " + _reason;

    /// <summary>A peer, if a rank's own host lacked its shard and took it in while the job waited.</summary>
    public CopySource BroughtIn(RecoveryPlan plan) =>
        plan.Shards.Any(shard => shard.Sources is [var first, ..] && _takenIn.Contains((first, shard.Replica))) ? CopySource.Peer : CopySource.None;

    private static bool IsSame(Guests left, Guests right) =>
        left.Count == right.Count && left.All(host => right.TryGetValue(host.Key, out var copies) && copies.SequenceEqual(host.Value));
}
