using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement;

/// <summary>All small placements.</summary>
internal static class Shapes
{
    /// <summary>Every N ≥ m ≥ 1 up to this N.</summary>
    public static IEnumerable<(int Hosts, int Replicas)> UpTo(int hostCountMax) =>
        from hosts in Enumerable.Range(1, hostCountMax) from replicas in Enumerable.Range(1, hosts) select (hosts, replicas);

    /// <summary>Every placement of this number of hosts: each m, each strategy that exists for it.</summary>
    public static IEnumerable<(ReplicaPlacement Strategy, PlacementPlan Plan)> PlansOf(int hostCount) =>
        from replicas in Enumerable.Range(1, hostCount)
        from strategy in Enum.GetValues<ReplicaPlacement>()
        where strategy != ReplicaPlacement.Group || hostCount % replicas == 0
        select (strategy, PlacementPlans.Create(strategy, hostCount, replicas));
}
