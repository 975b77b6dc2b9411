using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>Opens the links that send own shards to their holders.</summary>
public interface IReplicaLinks
{
    /// <summary>Opens the link of one own shard to one holder. The link sends nothing before its first offer.</summary>
    /// <param name="owner">Whose shard.</param>
    /// <param name="holder">The host that should have it.</param>
    /// <param name="endpoint">The holder's data port, as it is known now; empty if it is not known. Called before every attempt; must be quick.</param>
    IReplicaLink Open(Rank owner, HostName holder, Func<string> endpoint);

    /// <summary>The paths that were measured, by holder.</summary>
    ImmutableArray<PathReport> Paths { get; }

    /// <summary>How replicas share the network with training; null if the job's mode does not wait for idle spans, or while they are not known.</summary>
    TrafficReport? Traffic { get; }

    /// <summary>
    /// Measures the path to a holder, if the job's mode needs that and it was not measured before. Called while nobody trains. A path that cannot be
    /// measured stays unknown.
    /// </summary>
    /// <param name="holder">The other end.</param>
    /// <param name="endpoint">The holder's data port.</param>
    /// <param name="ct">Ends it.</param>
    Task MeasureAsync(HostName holder, string endpoint, CancellationToken ct);
}
