using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The ways by which own shards get to the hosts that hold them.</summary>
public interface IReplicaLinks
{
    /// <summary>Opens the link of one own shard to one holder. It sends nothing before it is offered something.</summary>
    /// <param name="owner">Whose shard.</param>
    /// <param name="holder">The host that should have it.</param>
    /// <param name="endpoint">The holder's data port as it is now known; empty when it is not. Asked before every attempt. Quick.</param>
    IReplicaLink Open(Rank owner, HostName holder, Func<string> endpoint);
}
