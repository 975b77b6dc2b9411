using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Plans;

/// <summary>All shapes for N ≤ 8, and the paper's own examples (Fig. 3, which counts ids from 1).</summary>
public sealed class MixedPlacementTests
{
    public static TheoryData<int, int> AllSmallShapes()
    {
        var data = new TheoryData<int, int>();
        for (var hosts = 1; hosts <= 8; hosts++)
        {
            for (var replicas = 1; replicas <= hosts; replicas++) data.Add(hosts, replicas);
        }

        return data;
    }

    [Theory, MemberData(nameof(AllSmallShapes))]
    public void Groups_CoverEveryPositionOnce(int hosts, int replicas)
    {
        var plan = MixedPlacement.Create(hosts, replicas);

        Assert.Equal(Positions(hosts), plan.Groups.SelectMany(group => group.Members));
        Assert.Equal(hosts / replicas, plan.Groups.Length);
        Assert.Equal(Enumerable.Range(0, plan.Groups.Length), plan.Groups.Select(group => group.Index));
        Assert.All(Positions(hosts), position => Assert.Contains(position, plan.GroupOf(position).Members));
    }

    [Theory, MemberData(nameof(AllSmallShapes))]
    public void Groups_OnlyTheLastMayBeARing(int hosts, int replicas)
    {
        var plan = MixedPlacement.Create(hosts, replicas);

        Assert.All(plan.Groups[..^1], group => Assert.Equal((GroupStrategy.Group, replicas), (group.Strategy, group.Members.Length)));
        Assert.Equal(hosts % replicas == 0 ? GroupStrategy.Group : GroupStrategy.Ring, plan.Groups[^1].Strategy);
        Assert.Equal(replicas + (hosts % replicas), plan.Groups[^1].Members.Length);
    }

    [Theory, MemberData(nameof(AllSmallShapes))]
    public void Holders_AreMDistinctMembersOfTheGroup_OwnerFirst(int hosts, int replicas)
    {
        var plan = MixedPlacement.Create(hosts, replicas);

        foreach (var owner in Positions(hosts))
        {
            var holders = plan.HoldersOf(owner);
            Assert.Equal(replicas, holders.Distinct().Count());
            Assert.Equal(replicas, holders.Length);
            Assert.Equal(owner, holders[0]);
            Assert.Subset(plan.GroupOf(owner).Members.ToHashSet(), holders.ToHashSet());
        }
    }

    /// <summary>Theorem 1: every host sends and receives exactly m-1 copies.</summary>
    [Theory, MemberData(nameof(AllSmallShapes))]
    public void Traffic_EveryHostSendsAndReceivesMMinus1(int hosts, int replicas)
    {
        var plan = MixedPlacement.Create(hosts, replicas);

        foreach (var host in Positions(hosts))
        {
            Assert.Equal(replicas - 1, plan.HoldersOf(host).Length - 1);
            Assert.Equal(replicas - 1, plan.HeldBy(host).Length);
            Assert.Equal(Positions(hosts).Where(owner => owner != host && plan.HoldersOf(owner).Contains(host)), plan.HeldBy(host));
        }
    }

    [Theory]
    [InlineData(4, 2, "0 1|1 0|2 3|3 2")]
    [InlineData(5, 2, "0 1|1 0|2 3|3 4|4 2")]
    [InlineData(8, 3, "0 1 2|1 2 0|2 0 1|3 4 5|4 5 6|5 6 7|6 7 3|7 3 4")]
    [InlineData(3, 1, "0|1|2")]
    [InlineData(3, 3, "0 1 2|1 2 0|2 0 1")]
    public void Holders_PapersExamples(int hosts, int replicas, string expected)
    {
        var plan = MixedPlacement.Create(hosts, replicas);

        Assert.Equal(expected, string.Join('|', Positions(hosts).Select(owner => string.Join(' ', plan.HoldersOf(owner)))));
    }

    /// <summary>Theorem 1's proof: the loss of m hosts loses the job exactly when they are one of the distinct holder sets.</summary>
    [Theory, MemberData(nameof(AllSmallShapes))]
    public void Holders_DistinctSetsAreAsFewAsTheTheoremSays(int hosts, int replicas)
    {
        var plan = MixedPlacement.Create(hosts, replicas);
        var sets = Positions(hosts).Select(owner => string.Join(' ', plan.HoldersOf(owner).Order())).Distinct().Count();

        var expected = hosts % replicas == 0 ? hosts / replicas : (hosts / replicas) - 1 + replicas + (hosts % replicas);
        Assert.Equal(expected, sets);
        Assert.True(sets - (int)Math.Ceiling(hosts / (double)replicas) <= Math.Max(0, (2 * replicas) - 3));
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, -1)]
    [InlineData(2, 3)]
    [InlineData(0, 1)]
    public void Create_BadArguments_Throws(int hosts, int replicas) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MixedPlacement.Create(hosts, replicas));

    private static IEnumerable<HostPosition> Positions(int count) => Enumerable.Range(0, count).Select(position => new HostPosition(position));
}
