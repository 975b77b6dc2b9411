using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Tests.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement;

/// <summary>The placements by name. <see cref="MixedPlacementTests"/> has the checks for mixed placement alone.</summary>
public sealed class ReplicaPlacementTests
{
    [Fact]
    public void Group_MDividesN_IsMixedPlacement()
    {
        foreach (var (hosts, replicas) in Shapes.UpTo(12).Where(shape => shape.Hosts % shape.Replicas == 0))
        {
            var group = PlacementPlans.Create(ReplicaPlacement.Group, hosts, replicas);

            Assert.Equal(Holders(PlacementPlans.Create(ReplicaPlacement.Mixed, hosts, replicas)), Holders(group));
            Assert.All(group.Groups, each => Assert.Equal((GroupStrategy.Group, replicas), (each.Strategy, each.Members.Length)));
        }
    }

    [Fact]
    public void Group_MDoesNotDivideN_SaysWhatToDo()
    {
        var problem = Assert.Throws<ArgumentException>(() => GroupPlacement.Create(5, 2));

        Assert.Contains("5 hosts are no multiple of 2 replicas; use mixed placement, or 4 hosts", problem.Message);
    }

    [Theory]
    [InlineData(4, 2, "0 1|1 2|2 3|3 0")]
    [InlineData(5, 3, "0 1 2|1 2 3|2 3 4|3 4 0|4 0 1")]
    [InlineData(3, 1, "0|1|2")]
    [InlineData(2, 2, "0 1|1 0")]
    public void Ring_NextHostsAround(int hosts, int replicas, string expected) =>
        Assert.Equal(expected, Holders(RingPlacement.Create(hosts, replicas)));

    /// <summary>Fig. 3b: a host stores its own shards and those of the m-1 hosts before it.</summary>
    [Fact]
    public void Ring_EveryHostSendsAndReceivesMMinus1()
    {
        foreach (var (hosts, replicas) in Shapes.UpTo(9))
        {
            var plan = RingPlacement.Create(hosts, replicas);

            Assert.Equal(hosts, plan.HostCount);
            Assert.All(plan.Groups.Single().Members, host => Assert.Equal(replicas - 1, plan.HeldBy(host).Length));
            Assert.All(plan.Groups.Single().Members, host => Assert.Equal(replicas, plan.HoldersOf(host).Distinct().Count()));
        }
    }

    [Theory]
    [InlineData(ReplicaPlacement.Mixed, 4, 0)]
    [InlineData(ReplicaPlacement.Group, 4, 0)]
    [InlineData(ReplicaPlacement.Ring, 4, 0)]
    [InlineData(ReplicaPlacement.Group, 2, 3)]
    [InlineData(ReplicaPlacement.Ring, 2, 3)]
    [InlineData((ReplicaPlacement)7, 4, 2)]
    public void Create_BadArguments_Throws(ReplicaPlacement strategy, int hosts, int replicas) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PlacementPlans.Create(strategy, hosts, replicas));

    private static string Holders(PlacementPlan plan) =>
        string.Join('|', Enumerable.Range(0, plan.HostCount).Select(owner => string.Join(' ', plan.HoldersOf(new HostPosition(owner)))));
}
