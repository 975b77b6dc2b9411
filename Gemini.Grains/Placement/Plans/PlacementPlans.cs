using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Plans;

/// <summary>Creates a placement by its name.</summary>
public static class PlacementPlans
{
    /// <param name="strategy">Which placement.</param>
    /// <param name="hostCount">N ≥ m.</param>
    /// <param name="replicas">m ≥ 1, the owner's own copy included.</param>
    /// <exception cref="ArgumentOutOfRangeException">m &lt; 1, N &lt; m, or no such strategy.</exception>
    /// <exception cref="ArgumentException">Group placement, and m does not divide N.</exception>
    public static PlacementPlan Create(ReplicaPlacement strategy, int hostCount, int replicas) => strategy switch
    {
        ReplicaPlacement.Mixed => MixedPlacement.Create(hostCount, replicas),
        ReplicaPlacement.Group => GroupPlacement.Create(hostCount, replicas),
        ReplicaPlacement.Ring => RingPlacement.Create(hostCount, replicas),
        _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, "no such placement strategy; use Mixed, Group or Ring"),
    };
}
