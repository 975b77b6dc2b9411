using Gemini.Grains.Hosting;
using Gemini.Grains.Root;
using Orleans.Runtime.Placement;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>Where the grains are: each role has silos of its own, so that the processes' costs are the roles' costs.</summary>
internal static class PlayedPlacement
{
    /// <summary>Replaces the product's placement. Call it after <see cref="GeminiGrains.AddGeminiGrains"/>.</summary>
    public static void AddPlayedPlacement(this ISiloBuilder silo)
    {
        silo.AddPlacementDirector<HostPinnedPlacement, HostDirector>();
        silo.AddPlacementDirector<RandomPlacement, AgentDirector>();
    }

    private static Task<SiloAddress> SiloNamed(IClusterMembershipService membership, string name) => Task.FromResult(
        membership.CurrentSnapshot.Members.Values.FirstOrDefault(member => member.Status == SiloStatus.Active && member.Name == name)?.SiloAddress
        ?? throw new OrleansException($"silo {name} is not up"));

    /// <summary>A worker agent is in the silo of its host. Several played hosts share a silo.</summary>
    private sealed class HostDirector(IClusterMembershipService membership, PlayedSiloSettings settings) : IPlacementDirector
    {
        public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
            SiloNamed(membership, settings.SiloOf(target.GrainIdentity.Key.ToString()!));
    }

    /// <summary>The root agent has a silo for itself, and so have the checkpoint groups.</summary>
    private sealed class AgentDirector(IClusterMembershipService membership, PlayedSiloSettings settings) : IPlacementDirector
    {
        private readonly GrainType _root = RootAgent.GrainIdOf(settings.ToConfiguration().Job.Name).Type;

        public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
            SiloNamed(membership, target.GrainIdentity.Type == _root ? PlayedSiloSettings.RootName : PlayedSiloSettings.GroupsName);
    }
}
