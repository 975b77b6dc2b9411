using Gemini.Grains.Placement.Plans;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Improves an order of hosts: by swaps for any N; then, if a limit of steps allows, by trying all orders.</summary>
/// <remarks>
/// Keeping replicas apart by several labels at once contains three-dimensional matching, so no fast exact rule is known. With one label,
/// <see cref="SeedOrder"/> is exact already. Both limits count steps and not time, so every host finds the same order.
/// Checked by: DomainPlacementOracleTests (against all orders for small N).
/// </remarks>
internal static class ArrangementSearch
{
    // Holders looked at; about 0.3 s. A swap costs 4·m²·labels of them, so for m = 2, N = 1000 and two labels, all pairs can be tried once.
    private const long SwapWorkMax = 50_000_000;

    // Holders looked at; about 0.3 s. Enough for all orders of some nine hosts, or of more hosts if few labels differ or many branches are cut off.
    private const long TreeWorkMax = 50_000_000;

    // With more hosts, the orders of the last positions alone would use up the limit.
    private const int TreeHostMax = 64;

    /// <summary>Swaps each host that shares a domain with other hosts, as long as a swap lowers the cost.</summary>
    public static void Swap(SharingBoard board, int hostCount)
    {
        bool improved;
        do
        {
            improved = false;
            for (var left = 0; left < hostCount && board.Work < SwapWorkMax; left++)
            {
                if (!board.Shares(left)) continue;
                for (var right = 0; right < hostCount && board.Work < SwapWorkMax; right++)
                {
                    if (right == left || !board.TrySwap(left, right)) continue;
                    improved = true;
                    if (!board.Shares(left)) break;
                }
            }
        }
        while (improved && board.Work < SwapWorkMax);
    }

    /// <summary>Tries all orders for a better one, up to the limit of steps.</summary>
    /// <param name="plan">The placement.</param>
    /// <param name="labels">In order of priority.</param>
    /// <param name="best">The cost to be beaten.</param>
    /// <returns>A better order or null, and whether all orders were considered.</returns>
    public static (int[]? HostAt, bool Complete) Exhaust(PlacementPlan plan, FailureDomains[] labels, long[] best)
    {
        if (plan.HostCount > TreeHostMax) return (null, false);
        var tree = new OrderTree(plan, labels, best, TreeWorkMax);
        tree.Descend(0);
        return (tree.Best, tree.Complete);
    }
}
