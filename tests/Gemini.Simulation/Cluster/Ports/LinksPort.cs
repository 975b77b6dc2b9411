using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>The links of one silo to the holders of its own shards.</summary>
internal sealed class LinksPort(World world, Silo silo) : IReplicaLinks
{
    private readonly List<ReplicaLink> _links = [];

    public IReplicaLink Open(Rank owner, HostName holder, Func<string> endpoint)
    {
        var link = new ReplicaLink(world, silo, owner, holder);
        _links.Add(link);
        return link;
    }

    public ImmutableArray<PathReport> Paths => [];

    public TrafficReport? Traffic => null;

    /// <summary>The simulated network is not shared with training.</summary>
    public Task MeasureAsync(HostName holder, string endpoint, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Stops one of the links until an epoch makes a new one. False: there is no link.</summary>
    public bool EndOne()
    {
        _links.RemoveAll(link => link.HasEnded);
        if (_links.Count == 0) return false;
        var link = world.Dice.Pick(_links);
        world.Trace(silo.Host.Value, () => $"the sender of rank {link.Owner} to {link.Holder} ends");
        link.End();
        return true;
    }
}
