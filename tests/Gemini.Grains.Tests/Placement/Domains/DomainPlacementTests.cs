using System.Collections.Immutable;
using CsCheck;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>
/// The order that is kept, the report, and that the search ends. <see cref="DomainPlacementOracleTests"/> checks how good the orders are.
/// </summary>
public sealed class DomainPlacementTests
{
    [Theory]
    [InlineData(4, 2), InlineData(7, 3), InlineData(9, 9), InlineData(5, 1)]
    public void Arrange_NoLabels_KeepsTheConfiguredOrder(int hosts, int replicas)
    {
        var configured = Racks.Of([.. Enumerable.Range(0, hosts).Select(host => host / 2)]);

        var result = DomainPlacement.Arrange(configured, replicas, []);

        Assert.Equal(configured, result.Hosts);
        Assert.Empty(result.Labels);
        Assert.Equal((true, ""), (result.NothingShared, result.Reason));
    }

    [Fact]
    public void Arrange_ConfiguredOrderSharesNothing_KeepsIt()
    {
        var configured = Racks.Of(3, 1, 2, 0, 1, 3);

        Assert.Equal(configured, DomainPlacement.Arrange(configured, 2, Racks.RackOnly).Hosts);
    }

    /// <summary>Four racks of four, listed rack by rack: in the result the hosts of each pair are in two racks.</summary>
    [Fact]
    public void Arrange_HostsListedByRack_PairsRacks()
    {
        int[] racks = [.. Enumerable.Range(0, 16).Select(host => host / 4)];

        var result = DomainPlacement.Arrange(Racks.Of(racks), 2, Racks.RackOnly);

        Assert.True(result.NothingShared);
        // Rack 0 is paired with rack 2, 1 with 3, and there are no other pairs. So few pairs of racks are fatal.
        var pairs = result.Hosts.Select(host => host.Labels.ValueOf("rack")!).Chunk(2).Select(pair => string.Join(' ', pair));
        Assert.Equal(["r0 r2", "r1 r3"], pairs.Distinct().Order());
    }

    /// <summary>Racks on power lines: 8 racks of 8 hosts on 2 lines. And a grid: every rack is on every line.</summary>
    [Theory]
    [InlineData(2, 2, false), InlineData(2, 4, false), InlineData(3, 4, false)]
    [InlineData(2, 8, true), InlineData(3, 8, true), InlineData(4, 8, true)]
    public void Arrange_TwoLabelsLarge_BothKeptApart(int replicas, int lineCount, bool grid)
    {
        int[] racks = [.. Enumerable.Range(0, 64).Select(host => host / 8)];
        int[] lines = [.. Enumerable.Range(0, 64).Select(host => grid ? host % lineCount : host / 8 % lineCount)];

        var result = DomainPlacement.Arrange(Racks.Of(racks, lines), replicas, Racks.RackThenPower);

        Assert.True(result.NothingShared, result.Reason);
    }

    [Fact]
    public void Arrange_RackTooLarge_NamesTheLabelTheShardAndTheCause()
    {
        var result = DomainPlacement.Arrange(Racks.Of(0, 0, 0, 0, 1, 2), 2, Racks.RackOnly);

        Assert.Equal((SharingVerdict.FewestShared, 2, 2L), (result.Labels[0].Verdict, result.Labels[0].SharingOwnerCount, result.Labels[0].SharedReplicaCount));
        Assert.Equal(
            "rack: the shards of 2 of 6 hosts have holders that share a domain, first those of host-0 (position 0, group 0), held by host-0 and "
            + "host-3 with rack=r0. 4 hosts have rack=r0, but of 6 hosts with 2 replicas only 3 can be kept apart", result.Reason);
    }

    /// <summary>N=8, m=3: no rack has more than ⌊8/3⌋ = 2 hosts, but the ring of five hosts needs five racks.</summary>
    [Fact]
    public void Arrange_TooFewRacksForTheRing_SaysSo()
    {
        var result = DomainPlacement.Arrange(Racks.Of(0, 0, 1, 1, 2, 2, 3, 3), 3, Racks.RackOnly);

        Assert.Equal(SharingVerdict.FewestShared, result.Labels[0].Verdict);
        Assert.Contains("Group 1 has 5 hosts of which every two hold replicas of one shard, but there are only 4 domains", result.Reason);
    }

    /// <summary>
    /// Two lines cannot keep three replicas apart, and racks can. Racks have priority, so they are kept apart even if more replicas share a line.
    /// </summary>
    [Fact]
    public void Arrange_LabelsAgainstEachOther_FirstOneFirst()
    {
        var result = DomainPlacement.Arrange(Racks.Of([0, 0, 1, 1, 2, 2], [0, 0, 1, 0, 1, 1]), 3, Racks.RackThenPower);

        Assert.Equal(SharingVerdict.NothingShared, result.Labels[0].Verdict);
        Assert.Equal(SharingVerdict.FewestShared, result.Labels[1].Verdict);
    }

    /// <summary>
    /// Groups of three hosts that differ in rack, line and room. A host with rack 1, line 2, room 2 would need a host with rack 2, line 1, room 1
    /// beside it, and no host has these labels. There are too many orders to try all, and counting by one label does not exclude a solution. So the
    /// report must not claim a proof.
    /// </summary>
    [Fact]
    public void Arrange_TooManyOrders_SaysThatItIsNotProven()
    {
        (int Count, string Labels)[] kinds =
        [
            (10, "rack=0,line=0,room=0"), (1, "rack=1,line=2,room=2"), (1, "rack=2,line=1,room=2"), (5, "rack=1,line=1,room=1"),
            (4, "rack=1,line=1,room=2"), (5, "rack=2,line=2,room=1"), (4, "rack=2,line=2,room=2"),
        ];
        ImmutableArray<LabelledHost> hosts =
        [
            .. kinds.SelectMany(kind => Enumerable.Repeat(kind.Labels, kind.Count))
                .Select((labels, index) => new LabelledHost(new HostName($"host-{index}"), HostLabels.Parse(labels))),
        ];

        var result = DomainPlacement.Arrange(hosts, 3, ["rack", "line", "room"]);

        Assert.Equal(
            [SharingVerdict.NothingShared, SharingVerdict.NothingShared, SharingVerdict.Unproven], result.Labels.Select(label => label.Verdict));
        Assert.Equal(6, result.Labels[2].SharedReplicaCount);
        Assert.Contains("No order without sharing was found, but there were too many orders to try all", result.Reason);
    }

    [Fact]
    public void Arrange_HostsWithoutTheLabel_AreDomainsOfTheirOwnAndCounted()
    {
        ImmutableArray<LabelledHost> hosts = [.. Racks.Of(0, 0), new(new HostName("new-1"), HostLabels.None), new(new HostName("new-2"), HostLabels.None)];

        var result = DomainPlacement.Arrange(hosts, 2, Racks.RackOnly);

        Assert.True(result.NothingShared);
        Assert.Equal(2, result.Labels[0].UnlabelledCount);
    }

    [Fact]
    public void Arrange_SameInput_SameOrder() =>
        Gen.Int[2, 20].SelectMany(hosts => Gen.Select(Gen.Int[0, 4].Array[hosts], Gen.Int[0, 3].Array[hosts], Gen.Int[1, Math.Min(hosts, 4)]))
            .Sample((racks, lines, replicas) =>
            {
                var first = DomainPlacement.Arrange(Racks.Of(racks, lines), replicas, Racks.RackThenPower);
                var second = DomainPlacement.Arrange(Racks.Of(racks, lines), replicas, Racks.RackThenPower);
                Assert.Equal(first.Hosts, second.Hosts);
                Assert.Equal(first.Labels, second.Labels);
            }, iter: 20);

    /// <summary>
    /// Limits count steps, so thousands of hosts end as well: racks of 16 and 32 power lines, then labels that cannot be kept apart.
    /// </summary>
    [Fact]
    public void Arrange_ThousandsOfHosts_Ends()
    {
        int[] racks = [.. Enumerable.Range(0, 4096).Select(host => host / 16)];
        int[] lines = [.. Enumerable.Range(0, 4096).Select(host => host / 128)];

        Assert.True(DomainPlacement.Arrange(Racks.Of(racks, lines), 3, Racks.RackThenPower).NothingShared);
        int[] twoLines = [.. racks.Select(rack => rack % 2)];
        var reason = DomainPlacement.Arrange(Racks.Of(racks, twoLines), 3, Racks.RackThenPower).Reason;
        Assert.Contains("only 1365 can be kept apart", reason);
    }

    [Fact]
    public void Arrange_HostNamedTwice_Throws() =>
        Assert.Throws<ArgumentException>(() => DomainPlacement.Arrange([.. Racks.Of(0, 1), .. Racks.Of(2)], 2, Racks.RackOnly));
}
