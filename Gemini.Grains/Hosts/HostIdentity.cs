using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The identity of this silo process. It is known once the process is a member of the cluster and its data port listens.</summary>
/// <param name="Name">The host's name.</param>
/// <param name="Incarnation">Generation of the silo process: a later process of the host has a greater one.</param>
/// <param name="DataEndpoint">"address:port" of the data port, as other hosts reach it.</param>
/// <param name="WebEndpoint">"http://address:port" of the web page; empty when there is none.</param>
public sealed record HostIdentity(HostName Name, long Incarnation, string DataEndpoint, string WebEndpoint)
{
    /// <summary>Process id of the silo; 0 if it has none.</summary>
    public int ProcessId { get; init; }

    /// <summary>The host's labels by its own configuration; see <see cref="HostReport.Labels"/>.</summary>
    public ImmutableArray<HostLabel> Labels { get; init; } = [];
}
