using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Agent;

/// <summary>Who this silo process is. Known once it is a member of the cluster and its data port listens.</summary>
/// <param name="Name">The host's name.</param>
/// <param name="Incarnation">Generation of the silo process: a later process of the host has a greater one.</param>
/// <param name="DataEndpoint">"address:port" of the data port, as other hosts reach it.</param>
/// <param name="WebEndpoint">"http://address:port" of the web page; empty when there is none.</param>
internal sealed record HostIdentity(HostName Name, long Incarnation, string DataEndpoint, string WebEndpoint)
{
    /// <summary>What the host's own configuration says about where it stands; see <see cref="HostReport.Labels"/>.</summary>
    public ImmutableArray<HostLabel> Labels { get; init; } = [];

    public static HostIdentity Of(HostConfiguration configuration, ILocalSiloDetails silo)
    {
        var host = configuration.Host;
        var web = host.WebPort > 0 ? $"http://{host.EndpointOf(host.WebPort)}" : "";
        var data = host.EndpointOf(host.DataPort).ToString();
        return new HostIdentity(new HostName(host.Name), silo.SiloAddress.Generation, data, web) { Labels = configuration.OwnLabels() };
    }
}
