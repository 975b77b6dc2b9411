using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Plans;

/// <summary>One ring: a host's shards are also held by the next m-1 hosts around it.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §4, ring placement; the paper compares with it. There are N distinct holder sets instead of N/m, so more of the possible losses
/// are fatal. Valid for N ≥ m ≥ 1; for N = m it is one group of all hosts. Checked by: ReplicaPlacementTests.
/// </remarks>
public static class RingPlacement
{
    /// <param name="hostCount">N ≥ m.</param>
    /// <param name="replicas">m ≥ 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">m &lt; 1 or N &lt; m.</exception>
    public static PlacementPlan Create(int hostCount, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hostCount, replicas);
        var members = Enumerable.Range(0, hostCount).Select(position => new HostPosition(position));
        var strategy = hostCount == replicas ? GroupStrategy.Group : GroupStrategy.Ring;
        return new PlacementPlan(hostCount, replicas, [new PlacementGroup(0, strategy, [.. members])]);
    }
}
