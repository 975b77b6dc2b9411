using System.Numerics;
using CsCheck;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Placement.Probability;
using Gemini.Grains.Tests.Placement.Probability;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

public sealed class DomainLossProbabilityTests
{
    /// <summary>Every division of up to 6 hosts among racks, every placement, every j: all subsets of racks.</summary>
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void Of_EverySmallPlacement_EqualsEnumeration(int hosts)
    {
        foreach (var racks in Racks.Partitions(hosts))
        {
            var domains = FailureDomains.Of("rack", Racks.Of(racks));
            foreach (var (_, plan) in Shapes.PlansOf(hosts))
            {
                var expected = Enumerate(plan, racks, domains.Count);
                for (var lost = 0; lost <= domains.Count; lost++)
                {
                    var loss = new DomainLoss("rack", domains.Count, lost, expected[lost], DomainLossMethod.Exact);
                    Assert.Equal(loss, DomainLossProbability.Of(plan, domains, lost));
                }
            }
        }
    }

    /// <summary>If each domain has one host, the loss of j domains is the loss of j hosts.</summary>
    [Fact]
    public void Of_DomainsOfOneHost_EqualsTheLossOfHosts() =>
        Gen.Int[1, 14].SelectMany(hosts => Gen.Select(Gen.Const(hosts), Gen.Int[1, hosts], Gen.Bool, Gen.Int[0, hosts]))
            .Sample((hosts, replicas, ring, lost) =>
        {
            var plan = PlacementPlans.Create(ring ? ReplicaPlacement.Ring : ReplicaPlacement.Mixed, hosts, replicas);
            var domains = FailureDomains.Of("rack", Racks.Of([.. Enumerable.Range(0, hosts)]));

            Assert.Equal(RecoveryProbability.Of(plan, lost), DomainLossProbability.Of(plan, domains, lost).Recovery);
        });

    [Fact]
    public void Of_LimitReached_IsALowerBoundAndSaysSo() =>
        Gen.Int[2, 14].SelectMany(hosts => Gen.Select(Gen.Int[0, 7].Array[hosts], Gen.Int[1, hosts], Gen.Int[0, 7])).Sample((racks, replicas, lost) =>
        {
            var plan = PlacementPlans.Create(ReplicaPlacement.Mixed, racks.Length, replicas);
            var domains = FailureDomains.Of("rack", Racks.Of(racks));
            lost = Math.Min(lost, domains.Count);

            var bound = DomainLossProbability.Of(plan, domains, lost, stepMax: 1);

            if (lost > 1) Assert.Equal(DomainLossMethod.UnionBound, bound.Method);
            Assert.True(Fractions.AtMost(bound.Recovery, DomainLossProbability.Of(plan, domains, lost).Recovery));
        });

    /// <summary>
    /// The purpose of labels: if hosts are placed rack by rack, any lost rack is fatal. After arranging, no rack is, and only 2 of 6 pairs are.
    /// </summary>
    [Fact]
    public void Of_FourRacksOfFour_BeforeAndAfterArranging()
    {
        var configured = Racks.Of([.. Enumerable.Range(0, 16).Select(host => host / 4)]);
        var arranged = DomainPlacement.Arrange(configured, 2, Racks.RackOnly).Hosts;
        var plan = MixedPlacement.Create(16, 2);

        Assert.Equal("0/1", DomainLossProbability.Of(plan, FailureDomains.Of("rack", configured), 1).Recovery.ToString());
        Assert.Equal("1/1", DomainLossProbability.Of(plan, FailureDomains.Of("rack", arranged), 1).Recovery.ToString());
        Assert.Equal("2/3", DomainLossProbability.Of(plan, FailureDomains.Of("rack", arranged), 2).Recovery.ToString());
    }

    /// <summary>256 racks that pair up are 128 components: exact for any j. If all are connected, j = 3 is still exact and large j is not.</summary>
    [Fact]
    public void Of_ThousandsOfHosts_IsExactWhereItCanBe()
    {
        var configured = Racks.Of([.. Enumerable.Range(0, 4096).Select(host => host / 16)]);
        var plan = MixedPlacement.Create(4096, 2);
        var paired = FailureDomains.Of("rack", DomainPlacement.Arrange(configured, 2, Racks.RackOnly).Hosts);
        var connected = FailureDomains.Of("rack", Racks.Of([.. Enumerable.Range(0, 4096).Select(host => host * 37 / 2 % 256)]));

        var half = DomainLossProbability.Of(plan, paired, 100);
        Assert.Equal(DomainLossMethod.Exact, half.Method);
        Assert.Equal(RecoveryProbability.Of(ReplicaPlacement.Group, 256, 2, 100), half.Recovery);
        Assert.Equal(DomainLossMethod.Exact, DomainLossProbability.Of(plan, connected, 3).Method);
        Assert.Equal(DomainLossMethod.UnionBound, DomainLossProbability.Of(plan, connected, 60).Method);
    }

    [Fact]
    public void Of_BadArguments_Throws()
    {
        var plan = MixedPlacement.Create(4, 2);
        var domains = FailureDomains.Of("rack", Racks.Of(0, 0, 1, 1));

        Assert.Throws<ArgumentOutOfRangeException>(() => DomainLossProbability.Of(plan, domains, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => DomainLossProbability.Of(plan, domains, 3));
        Assert.Throws<ArgumentException>(() => DomainLossProbability.Of(plan, FailureDomains.Of("rack", Racks.Of(0, 1)), 1));
    }

    private static ExactProbability[] Enumerate(PlacementPlan plan, int[] racks, int rackCount)
    {
        var (survived, possible) = (new long[rackCount + 1], new long[rackCount + 1]);
        for (var lost = 0; lost < 1 << rackCount; lost++)
        {
            var count = BitOperations.PopCount((uint)lost);
            possible[count]++;
            var positions = Enumerable.Range(0, plan.HostCount).Select(owner => plan.HoldersOf(new HostPosition(owner)));
            if (positions.All(holders => holders.Any(holder => (lost >> racks[holder.Value] & 1) == 0))) survived[count]++;
        }

        return [.. survived.Zip(possible).Select(count => ExactProbability.Of(count.First, count.Second))];
    }
}
