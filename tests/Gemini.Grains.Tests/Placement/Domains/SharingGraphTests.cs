using System.Numerics;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>Every placement of up to seven hosts, compared with all subsets and all orders.</summary>
public sealed class SharingGraphTests
{
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void Of_HoldersAndOwners_AreInverse(int hosts)
    {
        foreach (var (_, plan) in Shapes.PlansOf(hosts))
        {
            var (holders, owners) = SharingGraph.Of(plan);

            Assert.Equal(BruteForce.HoldersOf(plan), holders);
            for (var holder = 0; holder < hosts; holder++)
                Assert.Equal(Enumerable.Range(0, hosts).Where(owner => holders[owner].Contains(holder)), owners[holder].Order());
        }
    }

    /// <summary>The largest set of hosts of which no two hold copies of one shard.</summary>
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void ApartCount_EqualsTheLargestSetOfAllSubsets(int hosts)
    {
        foreach (var (_, plan) in Shapes.PlansOf(hosts))
        {
            var holders = BruteForce.HoldersOf(plan);
            Assert.Equal(LargestSubset(hosts, (left, right) => !TouchOneShard(holders, left, right)), SharingGraph.ApartCount(plan));
        }
    }

    /// <summary>
    /// So many hosts of a group hold, every two of them, copies of one shard. For a ring of 2m hosts or more, this is only known to be no more than the
    /// largest set of such hosts.
    /// </summary>
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7)]
    public void MutualCount_HostsOfOneGroup_IsReached(int hosts)
    {
        foreach (var (_, plan) in Shapes.PlansOf(hosts))
        {
            var holders = BruteForce.HoldersOf(plan);
            var largest = LargestSubset(hosts, (left, right) => TouchOneShard(holders, left, right));
            var counted = plan.Groups.Max(group => SharingGraph.MutualCount(group, plan.Replicas));

            Assert.InRange(counted, 1, largest);
            if (plan.Groups.All(group => group.Members.Length < 2 * plan.Replicas)) Assert.Equal(largest, counted);
        }
    }

    /// <summary>A bound for any order of the hosts. Groups reach it; a ring may share more.</summary>
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void SharedAtLeast_NoOrderSharesLess_AndGroupsReachIt(int hosts)
    {
        var orders = BruteForce.OrdersOf(hosts);
        foreach (var racks in Racks.Sizes(hosts))
        {
            var domains = FailureDomains.Of("rack", Racks.Of(racks));
            foreach (var (_, plan) in Shapes.PlansOf(hosts))
            {
                var (fewest, _) = BruteForce.FewestShared(plan, orders, racks, racks);
                var bound = SharingGraph.SharedAtLeast(plan, domains);

                Assert.InRange(bound, 0, fewest);
                if (plan.Groups.All(group => group.Strategy == GroupStrategy.Group)) Assert.Equal(fewest, bound);
            }
        }
    }

    private static bool TouchOneShard(int[][] holders, int left, int right) => holders.Any(set => set.Contains(left) && set.Contains(right));

    private static int LargestSubset(int hosts, Func<int, int, bool> fits) => Enumerable.Range(1, (1 << hosts) - 1)
        .Where(subset =>
        {
            int[] members = [.. Enumerable.Range(0, hosts).Where(host => (subset >> host & 1) == 1)];
            return members.All(left => members.All(right => left == right || fits(left, right)));
        })
        .Max(subset => BitOperations.PopCount((uint)subset));
}
