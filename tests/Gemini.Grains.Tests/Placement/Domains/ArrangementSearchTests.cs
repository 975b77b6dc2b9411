using CsCheck;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>Swaps improve an order, and the tree of all orders finds the best one. Compared with all orders of few hosts.</summary>
public sealed class ArrangementSearchTests
{
    private static readonly long[] AnyCost = [long.MaxValue, long.MaxValue];

    private static readonly Dictionary<int, List<int[]>> Orders = Enumerable.Range(2, 5).ToDictionary(hosts => hosts, BruteForce.OrdersOf);

    /// <summary>So few hosts that all orders can be tried.</summary>
    private static readonly Gen<(PlacementPlan Plan, int[] Racks, int[] Lines)> Cases = CasesUpTo(hostCountMax: 6);

    [Fact]
    public void Exhaust_AnyLabels_FindsTheBestOrder() => Cases.Sample((plan, racks, lines) =>
    {
        var (order, isComplete) = ArrangementSearch.Exhaust(plan, Labels(racks, lines), AnyCost);

        Assert.True(isComplete);
        Assert.Equal(Enumerable.Range(0, racks.Length), order!.Order());
        Assert.Equal(BruteForce.FewestShared(plan, Orders[racks.Length], racks, lines), CostOf(plan, order!, racks, lines));
    }, iter: 60);

    /// <summary>The order that is known already is the best one: there is nothing better, and that is proven.</summary>
    [Fact]
    public void Exhaust_TheKnownCostIsTheBest_FindsNothing() => Cases.Sample((plan, racks, lines) =>
    {
        var (first, second) = BruteForce.FewestShared(plan, Orders[racks.Length], racks, lines);

        Assert.Equal((null, true), ArrangementSearch.Exhaust(plan, Labels(racks, lines), [first, second]));
    }, iter: 60);

    [Fact]
    public void Exhaust_TooManyHosts_TriesNothingAndSaysSo()
    {
        int[] racks = [.. Enumerable.Range(0, 65)];

        Assert.Equal((null, false), ArrangementSearch.Exhaust(MixedPlacement.Create(65, 2), Labels(racks, racks), AnyCost));
        Assert.True(ArrangementSearch.Exhaust(MixedPlacement.Create(64, 2), Labels(racks[..64], racks[..64]), AnyCost).Complete);
    }

    /// <summary>With any limit: what is found is better than what was known, and a search that says it is complete has found the best order.</summary>
    [Fact]
    public void Descend_WithAnyLimit_NeverClaimsTooMuch() => Gen.Select(Cases, Gen.Long[0, 5_000]).Sample((at, workMax) =>
    {
        var (plan, racks, lines) = at;
        int[] configured = [.. Enumerable.Range(0, racks.Length)];
        var known = CostOf(plan, configured, racks, lines);
        var tree = new OrderTree(plan, Labels(racks, lines), [known.First, known.Second], workMax);

        tree.Descend(0);

        var found = tree.Best is { } order ? CostOf(plan, order, racks, lines) : known;
        if (tree.Best is not null) Assert.True(found.CompareTo(known) < 0, $"{found} is found, and {known} was known");
        if (tree.Complete) Assert.Equal(BruteForce.FewestShared(plan, Orders[racks.Length], racks, lines), found);
    }, iter: 100);

    [Fact]
    public void Descend_NoWorkIsAllowed_IsNotComplete()
    {
        var tree = new OrderTree(MixedPlacement.Create(4, 2), Labels([0, 0, 1, 1], [0, 0, 0, 0]), AnyCost, workMax: 0);

        tree.Descend(0);

        Assert.Equal((null, false), (tree.Best, tree.Complete));
    }

    /// <summary>After the swaps, no single swap of a host that shares would lower the cost.</summary>
    [Fact]
    public void Swap_EndsWhereNoSwapHelps() => CasesUpTo(hostCountMax: 14).Sample((plan, racks, lines) =>
    {
        var hosts = racks.Length;
        var board = new SharingBoard(plan, Labels(racks, lines), [.. Enumerable.Range(0, hosts)]);
        var before = board.Cost;

        ArrangementSearch.Swap(board, hosts);

        Assert.True(SharingBoard.Compare(board.Cost, before) <= 0);
        Assert.Equal(Enumerable.Range(0, hosts), board.HostAt.Order());
        for (var left = 0; left < hosts; left++)
            for (var right = 0; right < hosts; right++) Assert.False(board.Shares(left) && board.TrySwap(left, right));
    });

    private static Gen<(PlacementPlan Plan, int[] Racks, int[] Lines)> CasesUpTo(int hostCountMax) =>
        from hosts in Gen.Int[2, hostCountMax]
        from isRing in Gen.Bool
        from replicas in Gen.Int[1, hosts]
        from racks in Gen.Int[0, 3].Array[hosts]
        from lines in Gen.Int[0, 2].Array[hosts]
        select (PlacementPlans.Create(isRing ? ReplicaPlacement.Ring : ReplicaPlacement.Mixed, hosts, replicas), racks, lines);

    private static (long First, long Second) CostOf(PlacementPlan plan, int[] order, int[] racks, int[] lines)
    {
        var holders = BruteForce.HoldersOf(plan);
        return (BruteForce.Shared(holders, order, racks), BruteForce.Shared(holders, order, lines));
    }

    private static FailureDomains[] Labels(int[] racks, int[] lines)
    {
        var hosts = Racks.Of(racks, lines);
        return [FailureDomains.Of("rack", hosts), FailureDomains.Of("power", hosts)];
    }
}
