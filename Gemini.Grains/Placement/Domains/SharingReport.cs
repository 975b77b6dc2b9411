using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Says what is shared, by which hosts, and why it must be.</summary>
internal static class SharingReport
{
    /// <param name="plan">The placement.</param>
    /// <param name="domains">Of the hosts in configured order, by label.</param>
    /// <param name="board">Hosts on positions.</param>
    /// <param name="order">The hosts by position.</param>
    /// <param name="complete">No order has a lower cost than the board's.</param>
    public static ImmutableArray<LabelSharing> Of(
        PlacementPlan plan, FailureDomains[] domains, SharingBoard board, ImmutableArray<LabelledHost> order, bool complete)
    {
        var cost = board.Cost;
        var reports = ImmutableArray.CreateBuilder<LabelSharing>(domains.Length);
        for (var label = 0; label < domains.Length; label++)
        {
            int[] sharing = [.. Enumerable.Range(0, plan.HostCount).Where(owner => board.SharedAt(owner, label) > 0)];
            var cause = Cause(plan, domains[label]);
            var fewest = complete || cost[label] == SharingGraph.SharedAtLeast(plan, domains[label]);
            var verdict = cost[label] == 0 ? SharingVerdict.NothingShared
                : fewest ? SharingVerdict.FewestShared
                : cause is not null ? SharingVerdict.Unavoidable : SharingVerdict.Unproven;
            var reason = sharing.Length == 0 ? ""
                : $"{domains[label].Label}: {Where(plan, domains[label], order, sharing)}. {cause ?? WithoutCause(verdict, label)}";
            reports.Add(new LabelSharing(
                domains[label].Label, verdict, sharing.Length, cost[label], domains[label].UnlabelledCount, reason));
        }

        return reports.ToImmutable();
    }

    internal static string Where(PlacementPlan plan, FailureDomains domains, ImmutableArray<LabelledHost> order, int[] sharing)
    {
        var owner = new HostPosition(sharing[0]);
        var shared = plan.HoldersOf(owner).Select(holder => order[holder.Value])
            .GroupBy(host => host.Labels.ValueOf(domains.Label)).First(group => group.Key is not null && group.Count() > 1);
        return $"the shards of {sharing.Length} of {plan.HostCount} hosts have holders that share a domain, first those of "
            + $"{order[owner.Value].Host} (position {owner}, group {plan.GroupOf(owner).Index}), "
            + $"held by {string.Join(" and ", shared.Select(host => host.Host))} with {domains.Label}={shared.Key}";
    }

    // Null if counting does not exclude an order without sharing. With a single label, such an order then exists: see SeedOrder.
    private static string? Cause(PlacementPlan plan, FailureDomains domains)
    {
        var apart = SharingGraph.ApartCount(plan);
        var largest = Enumerable.Range(0, domains.Count).MaxBy(domains.SizeOf);
        if (domains.SizeOf(largest) > apart)
        {
            return $"{domains.SizeOf(largest)} hosts have {domains.NameOf(largest)}, but of {plan.HostCount} hosts with "
                + $"{plan.Replicas} replicas only {apart} can be kept apart";
        }

        var widest = plan.Groups.MaxBy(group => SharingGraph.MutualCount(group, plan.Replicas))!;
        var mutual = SharingGraph.MutualCount(widest, plan.Replicas);
        return domains.Count >= mutual ? null
            : $"Group {widest.Index} has {mutual} hosts of which every two hold replicas of one shard, "
                + $"but there are only {domains.Count} domains";
    }

    private static string WithoutCause(SharingVerdict verdict, int label) => verdict switch
    {
        SharingVerdict.Unproven => "No order without sharing was found, but there were too many orders to try all",
        _ when label > 0 => "Every order that avoids this shares more by a label of higher priority",
        _ => "No order of these hosts avoids this",
    };
}
