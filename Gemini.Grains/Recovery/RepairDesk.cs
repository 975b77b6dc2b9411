using Gemini.Interfaces;
using Gemini.Interfaces.Model;
using Guests = System.Collections.Immutable.ImmutableSortedDictionary<
    Gemini.Interfaces.Model.HostName, System.Collections.Immutable.ImmutableArray<Gemini.Interfaces.Model.GuestCopy>>;

namespace Gemini.Grains.Recovery;

/// <summary>The guests that present hosts take in while the job waits for a machine. The rules are in <see cref="RepairPlanner"/>. Pure.</summary>
internal sealed class RepairDesk(JobState state, HostRoster roster, JobDomains domains)
{
    /// <summary>Every guest that a host was told to take in since the last plan.</summary>
    private readonly HashSet<(HostName Host, Replica Copy)> _takenIn = [];

    private bool _isDue = true;
    private string _reason = "";

    /// <summary>When this root agent came up, the silo of every present host with a position was new: it had carried out no directive.</summary>
    public bool IsRestart { get; set; }

    /// <summary>The guests that every host takes in; a new object whenever the decision changes.</summary>
    public Guests Guests { get; private set; } = Guests.Empty;

    /// <summary>A host has reported, or its silo process has died.</summary>
    public void Observe(HostChange change) => _isDue |= change.HasFlag(HostChange.Copies);

    /// <summary>From now on no host takes in guests.</summary>
    public void End() => (Guests, _reason, _isDue) = (Guests.Clear(), "", true);

    /// <summary>There is a plan: its sources include the guests that were taken in.</summary>
    public void EndWithPlan()
    {
        _takenIn.Clear();
        End();
    }

    /// <summary>Decides. Planning walks over all copies, so it is done only after a report brought a change that affects the plan.</summary>
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
        foreach (var host in guests.Keys) Invariant.Check(roster.IsPresent(host), $"host {host} is told to take in copies, but is not present");
        if (!IsSame(guests, Guests)) Guests = guests;
        _takenIn.UnionWith(guests.SelectMany(host => host.Value.Select(copy => (host.Key, copy.Replica))));
        _reason = reason;
    }

    /// <summary>The repairs that are under way, to be added to a sentence; empty: none.</summary>
    public string Describe() => _reason.Length == 0 ? "" : "; " + _reason;

    /// <summary>
    /// <see cref="CopySource.Peer"/> if a rank's own host lacked the shard and took it in as a guest while the job waited; else
    /// <see cref="CopySource.None"/>.
    /// </summary>
    public CopySource BroughtIn(RecoveryPlan plan) =>
        plan.Shards.Any(shard => shard.Sources is [var first, ..] && _takenIn.Contains((first, shard.Replica))) ? CopySource.Peer : CopySource.None;

    private static bool IsSame(Guests left, Guests right) =>
        left.Count == right.Count && left.All(host => right.TryGetValue(host.Key, out var copies) && copies.SequenceEqual(host.Value));
}
