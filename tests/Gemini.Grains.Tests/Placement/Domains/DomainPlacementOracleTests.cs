using CsCheck;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>For small N compared with all orders; for larger N with the conditions of SeedOrder.</summary>
public sealed class DomainPlacementOracleTests
{
    /// <summary>
    /// Every division of up to 6 hosts among racks, every placement: the result has the smallest possible sharing, and its verdict says so.
    /// </summary>
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void Arrange_OneLabelSmall_SharesAsLittleAsAnyOrder(int hosts)
    {
        var orders = BruteForce.OrdersOf(hosts);
        foreach (var racks in hosts < 6 ? Racks.Partitions(hosts) : Racks.Sizes(hosts))
        {
            foreach (var (strategy, plan) in Shapes.PlansOf(hosts))
            {
                var result = DomainPlacement.Arrange(Racks.Of(racks), plan.Replicas, Racks.RackOnly, strategy);

                var (fewest, _) = BruteForce.FewestShared(plan, orders, racks, racks);
                CheckOrder(plan, racks, result, 0);
                Assert.Equal(fewest, result.Labels[0].SharedReplicaCount);
                Assert.Equal(fewest == 0 ? SharingVerdict.NothingShared : SharingVerdict.FewestShared, result.Labels[0].Verdict);
            }
        }
    }

    /// <summary>Two labels: the smallest sharing by the first label, then the smallest by the second.</summary>
    [Theory]
    [InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void Arrange_TwoLabelsSmall_IsBestByPriority(int hosts)
    {
        var orders = BruteForce.OrdersOf(hosts);
        foreach (var racks in Racks.Sizes(hosts))
        {
            foreach (var lines in Racks.Partitions(hosts))
            {
                foreach (var (strategy, plan) in Shapes.PlansOf(hosts))
                {
                    var result = DomainPlacement.Arrange(Racks.Of(racks, lines), plan.Replicas, Racks.RackThenPower, strategy);

                    CheckOrder(plan, racks, result, 0);
                    CheckOrder(plan, lines, result, 1);
                    var found = (result.Labels[0].SharedReplicaCount, result.Labels[1].SharedReplicaCount);
                    Assert.Equal(BruteForce.FewestShared(plan, orders, racks, lines), found);
                    Assert.DoesNotContain(result.Labels, label => label.Verdict is SharingVerdict.Unproven or SharingVerdict.Unavoidable);
                }
            }
        }
    }

    /// <summary>Whether nothing shared is possible at all, for all sizes of racks of 7 to 9 hosts.</summary>
    [Theory]
    [InlineData(7), InlineData(8), InlineData(9)]
    public void Arrange_OneLabel_SharesNothingExactlyWhenPossible(int hosts)
    {
        foreach (var racks in Racks.Sizes(hosts))
        {
            foreach (var (strategy, plan) in Shapes.PlansOf(hosts))
            {
                var result = DomainPlacement.Arrange(Racks.Of(racks), plan.Replicas, Racks.RackOnly, strategy);

                CheckOrder(plan, racks, result, 0);
                Assert.Equal(BruteForce.IsPossible(plan, racks), result.NothingShared);
            }
        }
    }

    /// <summary>
    /// The conditions of SeedOrder: no rack has more than ⌊N/m⌋ hosts, and there are as many racks as a mixed placement's ring has hosts.
    /// </summary>
    [Fact]
    public void Arrange_OneLabelLarge_SharesNothingExactlyWhenCountingAllows() =>
        Gen.Int[10, 60].SelectMany(hosts => Gen.Select(Gen.Int[0, hosts / 2].Array[hosts], Gen.Int[2, 7], Gen.Bool))
            .Sample((racks, replicas, ring) =>
            {
                var strategy = ring ? ReplicaPlacement.Ring : ReplicaPlacement.Mixed;
                var plan = PlacementPlans.Create(strategy, racks.Length, replicas);

                var result = DomainPlacement.Arrange(Racks.Of(racks), replicas, Racks.RackOnly, strategy);

                CheckOrder(plan, racks, result, 0);
                var sizes = racks.GroupBy(rack => rack).Select(rack => rack.Count()).ToList();
                var needed = ring && racks.Length >= 2 * replicas ? replicas : plan.Groups[^1].Members.Length;
                Assert.Equal(sizes.Max() <= racks.Length / replicas && sizes.Count >= needed, result.NothingShared);
                Assert.NotEqual(SharingVerdict.Unproven, result.Labels[0].Verdict);
            }, iter: 60);

    // The order has every host once, and the report agrees with the definition.
    private static void CheckOrder(PlacementPlan plan, int[] domainOf, DomainArrangement result, int label)
    {
        int[] order = [.. result.Hosts.Select(host => int.Parse(host.Host.Value["host-".Length..]))];
        Assert.Equal(Enumerable.Range(0, domainOf.Length), order.Order());
        Assert.Equal(BruteForce.Shared(BruteForce.HoldersOf(plan), order, domainOf), result.Labels[label].SharedReplicaCount);
        Assert.Equal(result.Labels[label].SharedReplicaCount == 0, result.Labels[label].Reason.Length == 0);
        Assert.Equal(result.Labels[label].SharedReplicaCount == 0, result.Labels[label].SharingOwnerCount == 0);
    }
}
