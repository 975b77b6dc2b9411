using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Chooses which standby takes over a position: the one that puts the fewest copies of one shard into one domain. Pure.</summary>
/// <remarks>
/// Compares by the labels in order of priority, as <see cref="DomainPlacement"/> does. Among equals, takes the standby that would share most at the
/// other vacant positions, then the first by name. Positions are filled one after the other and not all at once: with several labels and vacant
/// positions, another distribution may share less. Checked by: StandbyChoiceTests.
/// </remarks>
public static class StandbyChoice
{
    /// <param name="plan">The placement.</param>
    /// <param name="domains">Names of labels, the most important one first.</param>
    /// <param name="positions">The present host at each position; null if there is none.</param>
    /// <param name="vacant">The position to fill, null in <paramref name="positions"/>.</param>
    /// <param name="standbys">At least one.</param>
    /// <returns>The chosen host; the reason is empty if it shares nothing.</returns>
    public static (HostName Host, string Reason) Choose(
        PlacementPlan plan, ImmutableArray<string> domains, ImmutableArray<LabelledHost?> positions, HostPosition vacant,
        IReadOnlyCollection<LabelledHost> standbys)
    {
        Invariant.Check(positions.Length == plan.HostCount, $"{positions.Length} positions in a placement of {plan.HostCount}");
        Invariant.Check(positions[vacant.Value] is null, $"position {vacant} is to be filled, and {positions[vacant.Value]?.Host} has it");
        Invariant.Check(standbys.Count > 0, $"position {vacant} is to be filled by nobody");
        var others = Enumerable.Range(0, plan.HostCount).Select(position => new HostPosition(position))
            .Where(position => positions[position.Value] is null && position != vacant).ToList();
        var chosen = standbys
            .OrderBy(standby => Cost(plan, domains, positions, vacant, standby), Comparer<int[]>.Create(Compare))
            .ThenByDescending(standby => others.Sum(other => Cost(plan, domains, positions, other, standby).Sum()))
            .ThenBy(standby => standby.Host)
            .First();
        var shared = domains.Where(label => Sharing(plan, positions, vacant, chosen, label).Any()).ToList();
        if (shared.Count == 0) return (chosen.Host, "");
        var with = shared.Select(label =>
            $"{label}={chosen.Labels.ValueOf(label)} with {string.Join(" and ", Sharing(plan, positions, vacant, chosen, label).Distinct())}");
        return (chosen.Host, $"{chosen.Host} takes position {vacant} and shares {string.Join(", ", with)}; no other standby shares less");
    }

    private static int[] Cost(
        PlacementPlan plan, ImmutableArray<string> domains, ImmutableArray<LabelledHost?> positions, HostPosition position, LabelledHost standby) =>
        [.. domains.Select(label => Sharing(plan, positions, position, standby, label).Count())];

    /// <summary>The hosts in the standby's domain that hold a copy of a shard that this position holds too; each host once per such shard.</summary>
    private static IEnumerable<HostName> Sharing(
        PlacementPlan plan, ImmutableArray<LabelledHost?> positions, HostPosition position, LabelledHost standby, string label)
    {
        if (standby.Labels.ValueOf(label) is not { } value) return [];
        return plan.HeldBy(position).Prepend(position)
            .SelectMany(owner => plan.HoldersOf(owner))
            .Where(holder => holder != position)
            .Select(holder => positions[holder.Value])
            .OfType<LabelledHost>()
            .Where(host => host.Labels.ValueOf(label) == value)
            .Select(host => host.Host);
    }

    private static int Compare(int[]? left, int[]? right)
    {
        for (var label = 0; label < left!.Length; label++)
        {
            if (left[label] != right![label]) return left[label].CompareTo(right[label]);
        }

        return 0;
    }
}
