using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Gemini.Grains.Hosting;

/// <summary>Places a grain on the silo whose name is the grain's key, and on no other silo.</summary>
[GenerateSerializer, Immutable, Alias("gemini.HostPinnedPlacement")]
public sealed class HostPinnedPlacement : PlacementStrategy;

/// <summary>Marks a grain class whose key names the host it must run on.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class HostPinnedAttribute() : PlacementAttribute(new HostPinnedPlacement());

/// <summary>Finds the silo by its name. If two generations of the silo are members, the newer one counts.</summary>
/// <exception cref="HostUnavailableException">No live silo has the name.</exception>
public sealed class HostPinnedDirector(IClusterMembershipService membership) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var host = target.GrainIdentity.Key.ToString()!;
        var silo = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && member.Name == host)
            .MaxBy(member => member.SiloAddress.Generation);
        return silo is null ? throw new HostUnavailableException(new HostName(host)) : Task.FromResult(silo.SiloAddress);
    }
}
