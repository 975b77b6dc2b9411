using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>The best possible result, from the definition alone.</summary>
internal static class BruteForce
{
    public static int[][] HoldersOf(PlacementPlan plan) =>
        [.. Enumerable.Range(0, plan.HostCount).Select(owner => plan.HoldersOf(new HostPosition(owner)).Select(holder => holder.Value).ToArray())];

    public static List<int[]> OrdersOf(int hosts)
    {
        List<int[]> orders = [[]];
        for (var position = 0; position < hosts; position++)
            orders = [.. orders.SelectMany(order => Enumerable.Range(0, hosts).Except(order).Select(host => (int[])[.. order, host]))];
        return orders;
    }

    /// <summary>Σ over owners of m minus the number of different domains of its holders, with the hosts in this order.</summary>
    public static long Shared(int[][] holders, int[] order, int[] domainOf) =>
        holders.Sum(set => set.Length - set.Select(holder => domainOf[order[holder]]).Distinct().Count());

    /// <summary>The smallest value over all orders, label by label in order of priority.</summary>
    public static (long First, long Second) FewestShared(PlacementPlan plan, List<int[]> orders, int[] first, int[] second)
    {
        var holders = HoldersOf(plan);
        return orders.Select(order => (Shared(holders, order, first), Shared(holders, order, second))).Min();
    }

    /// <summary>Whether in some order of the hosts no two holders of a shard are in one domain.</summary>
    public static bool IsPossible(PlacementPlan plan, int[] domainOf)
    {
        var together = HoldersOf(plan).SelectMany(set => from left in set from right in set where left < right select (left, right)).ToHashSet();
        var left = domainOf.GroupBy(domain => domain).ToDictionary(domain => domain.Key, domain => domain.Count());
        return Place(0, new int[plan.HostCount], left, together);
    }

    private static bool Place(int position, int[] placed, Dictionary<int, int> left, HashSet<(int, int)> together)
    {
        if (position == placed.Length) return true;
        foreach (var domain in left.Keys.Where(domain => left[domain] > 0).ToList())
        {
            if (Enumerable.Range(0, position).Any(before => placed[before] == domain && together.Contains((before, position)))) continue;
            placed[position] = domain;
            left[domain]--;
            var possible = Place(position + 1, placed, left, together);
            left[domain]++;
            if (possible) return true;
        }

        return false;
    }
}
