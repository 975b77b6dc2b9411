using Gemini.Grains.Placement.Plans;

namespace Gemini.Grains.Placement.Domains;

/// <summary>A placement as plain indices, and how far hosts can be kept apart in it.</summary>
internal static class SharingGraph
{
    /// <summary>By owner the positions that hold its shards; by position the owners whose shards it holds, itself included.</summary>
    public static (int[][] Holders, int[][] Owners) Of(PlacementPlan plan)
    {
        var positions = plan.Groups.SelectMany(group => group.Members).Order().ToList();
        int[][] holders = [.. positions.Select(owner => plan.HoldersOf(owner).Select(holder => holder.Value).ToArray())];
        int[][] owners = [.. positions.Select(holder => plan.HeldBy(holder).Select(owner => owner.Value).Append(holder.Value).ToArray())];
        return (holders, owners);
    }

    /// <summary>The largest number of hosts of which no two hold replicas of the same shard.</summary>
    /// <remarks>One per group; in a ring of n every m-th host, ⌊n/m⌋ in all.</remarks>
    public static int ApartCount(PlacementPlan plan) => plan.Groups.Sum(group => group.Members.Length / plan.Replicas);

    /// <summary>How many hosts of a group hold, every two of them, replicas of a common shard: all of the group, or m of a ring of 2m or more.</summary>
    /// <remarks>In a ring of n &lt; 2m, every two hosts are at most n/2 &lt; m apart, so some window contains both.</remarks>
    public static int MutualCount(PlacementGroup group, int replicas) =>
        group.Members.Length < 2 * replicas ? group.Members.Length : replicas;

    /// <summary>How much any order of the hosts shares at least, by one label.</summary>
    /// <remarks>
    /// A domain of s hosts holds m·s replicas. If these are more than the shards that the domain can reach, each further one is at least the second
    /// of its shard. A domain reaches most shards if it has, in each group of n, every m-th host (m shards each, ⌊n/m⌋ times), then one more (n mod m
    /// shards). So the bound is Σ_d max(0, m·s_d - reach(s_d)). It is attained for groups; for rings it is only a bound.
    /// </remarks>
    public static long SharedAtLeast(PlacementPlan plan, FailureDomains domains)
    {
        var apart = ApartCount(plan);
        int[] rests = [.. plan.Groups.Select(group => group.Members.Length % plan.Replicas).OrderDescending()];
        var shared = 0L;
        for (var domain = 0; domain < domains.Count; domain++)
        {
            var surplus = domains.SizeOf(domain) - apart;
            if (surplus > 0) shared += ((long)plan.Replicas * surplus) - rests.Take(surplus).Sum();
        }

        return shared;
    }
}
