using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Plans;

/// <summary>GEMINI's placement of replicas on hosts.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §4, Algorithm 1. With N hosts and m replicas: ⌊N/m⌋ groups; each takes the next m hosts. If m does not divide N, the last group
/// takes the remaining N mod m as well and becomes a ring. Optimal for m | N; otherwise within (2m-3)/C(N,m) of the optimum, and still with exactly
/// m-1 copies sent and received per host (Theorem 1; the paper's "&lt;" is "≤"). Positions count from 0 here, from 1 in the paper. Checked by:
/// MixedPlacementTests, exhaustively for N ≤ 8.
/// </remarks>
public static class MixedPlacement
{
    /// <param name="hostCount">N ≥ m.</param>
    /// <param name="replicas">m ≥ 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">m &lt; 1 or N &lt; m.</exception>
    public static PlacementPlan Create(int hostCount, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hostCount, replicas);
        var groupCount = hostCount / replicas;
        var groups = ImmutableArray.CreateBuilder<PlacementGroup>(groupCount);
        for (var index = 0; index < groupCount; index++)
        {
            var first = index * replicas;
            var size = index == groupCount - 1 ? hostCount - first : replicas;
            var members = Enumerable.Range(first, size).Select(position => new HostPosition(position));
            groups.Add(new PlacementGroup(index, size == replicas ? GroupStrategy.Group : GroupStrategy.Ring, [.. members]));
        }

        return new PlacementPlan(hostCount, replicas, groups.MoveToImmutable());
    }
}
