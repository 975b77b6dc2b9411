using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>Makes the senders: one for each own shard and holder.</summary>
internal sealed class ReplicaSenders(HostMemory memory, DataConnector connector, TrafficGate gate, ILogger<ReplicaSender> logger) : IReplicaLinks
{
    public IReplicaLink Open(Rank owner, HostName holder, Func<string> endpoint) =>
        new ReplicaSender(memory, owner, holder, endpoint, connector, gate, logger);
}
