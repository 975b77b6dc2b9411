using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Puts hosts on positions so that the holders of a shard do not fail together.</summary>
/// <remarks>
/// Beyond the paper, in which single hosts fail (§4). Symbols: N hosts, m replicas. The goal, for the labels in order of priority: no shard has two
/// holders with the same value. If that is impossible, as few as possible share (<see cref="SharingBoard"/> has the measure); a label of lower
/// priority never makes one of higher priority worse. Without labels, or if the configured order shares nothing, that order is kept. Otherwise the
/// best of the configured and the seeded orders (<see cref="SeedOrder"/>: exact for "is it possible" with one label) is improved by swaps. While a
/// better order may exist, all orders are then tried, up to a limit (<see cref="ArrangementSearch"/>).
/// Deterministic: equal input gives equal output, on every host. Pure. Checked by: DomainPlacementOracleTests.
/// </remarks>
public static class DomainPlacement
{
    /// <param name="hosts">The N hosts in configured order, with their labels; names are unique.</param>
    /// <param name="replicas">m, 1 to N.</param>
    /// <param name="labels">Names of labels, the most important one first; empty for the configured order.</param>
    /// <param name="strategy">The placement to which the positions belong.</param>
    /// <exception cref="ArgumentException">A host is named twice, or the strategy does not exist for N and m.</exception>
    public static DomainArrangement Arrange(
        ImmutableArray<LabelledHost> hosts, int replicas, ImmutableArray<string> labels, ReplicaPlacement strategy = ReplicaPlacement.Mixed)
    {
        var twice = hosts.GroupBy(host => host.Host).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new ArgumentException($"host {twice.Key} is named twice; names are unique", nameof(hosts));
        var plan = PlacementPlans.Create(strategy, hosts.Length, replicas);
        if (labels.IsEmpty) return new DomainArrangement(hosts, []);
        FailureDomains[] domains = [.. labels.Distinct().Select(label => FailureDomains.Of(label, hosts))];
        var (board, complete) = Best(plan, domains);
        var hostAt = board.HostAt;
        Invariant.Check(hostAt.Order().SequenceEqual(Enumerable.Range(0, hosts.Length)), "a host is at two positions, or at none");
        ImmutableArray<LabelledHost> order = [.. hostAt.Select(index => hosts[index])];
        return new DomainArrangement(order, SharingReport.Of(plan, domains, board, order, complete));
    }

    // The best board found, and whether all orders were tried or excluded by counting.
    private static (SharingBoard Board, bool Complete) Best(PlacementPlan plan, FailureDomains[] domains)
    {
        long[] atLeast = [.. domains.Select(label => SharingGraph.SharedAtLeast(plan, label))];
        int[] configured = [.. Enumerable.Range(0, plan.HostCount)];
        var board = new SharingBoard(plan, domains, configured);
        if (SharingBoard.Compare(board.Cost, atLeast) == 0) return (board, true);
        // By priority, and in reverse order. The reverse suits labels that contain each other (racks on one power line).
        foreach (FailureDomains[] keys in (FailureDomains[][])[domains, [.. domains.Reverse()]])
        {
            var seeded = new SharingBoard(plan, domains, SeedOrder.Of(plan, keys));
            if (SharingBoard.Compare(seeded.Cost, board.Cost) < 0) board = seeded;
        }

        if (SharingBoard.Compare(board.Cost, atLeast) > 0) ArrangementSearch.Swap(board, plan.HostCount);
        if (SharingBoard.Compare(board.Cost, atLeast) == 0) return (board, true);
        var (better, complete) = ArrangementSearch.Exhaust(plan, domains, board.Cost);
        return (better is null ? board : new SharingBoard(plan, domains, better), complete);
    }
}
