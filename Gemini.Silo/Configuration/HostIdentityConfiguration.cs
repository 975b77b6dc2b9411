using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Gemini.Silo.Configuration;

/// <summary>This host's name, addresses and ports.</summary>
public sealed record HostIdentityConfiguration
{
    /// <summary>Unique in the cluster. A host whose name is not in <see cref="JobConfiguration.Hosts"/> is a standby.</summary>
    public string Name { get; init; } = "";

    /// <summary>The IP address under which the other hosts reach this host, and at which this host listens. Default: 127.0.0.1.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// The IP address of another network interface of this host, if replicas should not use the one that training uses. The data port listens there,
    /// and connections to other hosts' data ports begin there. Empty: <see cref="Address"/>. Default: empty.
    /// </summary>
    public string CheckpointAddress { get; init; } = "";

    /// <summary>Control plane, host to host. Default: 11111.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>
    /// Control plane, for this host's trainers and for <c>gemini status</c>. The gateway listens on loopback only, unless <see cref="RemoteClients"/>
    /// is set. Default: 30000.
    /// </summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>
    /// Whether other machines may connect to the gateway, such as a machine that only runs <c>gemini status</c>. The gateway then listens on all
    /// addresses of this machine. Everyone who reaches it can read the job's status. Default: false.
    /// </summary>
    public bool RemoteClients { get; init; }

    /// <summary>Bytes of snapshots, host to host. Default: 11112.</summary>
    public int DataPort { get; init; } = 11112;

    /// <summary>Web page with the dashboard. 0: none. Default: 8080.</summary>
    public int WebPort { get; init; } = 8080;

    /// <summary>Where a standby stands, such as { "rack": "r3" }, if the job's labels do not say so. Default: none.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>
    /// One of the ports at <see cref="Address"/>. Its text is "10.0.0.1:11112" or "[fd00::1]:11112", which both
    /// <see cref="IPEndPoint.Parse(string)"/> and a URL accept.
    /// </summary>
    public IPEndPoint EndpointOf(int port) => new(IPAddress.Parse(Address), port);

    /// <summary>Where the data port listens.</summary>
    public IPEndPoint DataEndpoint() => OwnCheckpointAddress() is { } own ? new(own, DataPort) : EndpointOf(DataPort);

    /// <summary>The address of the interface for replicas; null: training's.</summary>
    public IPAddress? OwnCheckpointAddress() => CheckpointAddress.Length > 0 ? IPAddress.Parse(CheckpointAddress) : null;

    /// <summary>Where this host's own trainers reach its gateway.</summary>
    public IPEndPoint GatewayEndpoint() => new(LocalAddress(IPAddress.Parse(Address)), GatewayPort);

    /// <summary>Where the gateway listens.</summary>
    public IPEndPoint GatewayListeningEndpoint() => !RemoteClients
        ? GatewayEndpoint()
        : new(IPAddress.Parse(Address).AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, GatewayPort);

    /// <summary>
    /// Where processes of the same machine reach the gateway of a host with this address: at the address itself if it is a loopback address, else at
    /// the loopback address of its family.
    /// </summary>
    internal static IPAddress LocalAddress(IPAddress address) => IPAddress.IsLoopback(address)
        ? address
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
}
