using System.Globalization;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>What one silo process has to know. It is the first line of the process's input.</summary>
/// <param name="Name">The silo's name: <see cref="RootName"/>, <see cref="GroupsName"/>, or that of the silo of some hosts.</param>
/// <param name="Hosts">N: hosts of the job.</param>
/// <param name="HostSilos">So many silos share the hosts.</param>
/// <param name="SiloPort">A free port.</param>
/// <param name="GatewayPort">Another one.</param>
/// <param name="Redis">Where the cluster's Redis server listens.</param>
/// <param name="Secret">The job's secret.</param>
internal sealed record PlayedSiloSettings(string Name, int Hosts, int HostSilos, int SiloPort, int GatewayPort, string Redis, byte[] Secret)
{
    /// <summary>The silo of the root agent alone.</summary>
    public const string RootName = "root";

    /// <summary>The silo of all checkpoint groups.</summary>
    public const string GroupsName = "groups";

    private const string HostPrefix = "host-";

    /// <summary>The hosts whose worker agents are in this process.</summary>
    public IEnumerable<HostName> OwnHosts() => HostNames.Names(Hosts).Select(name => new HostName(name)).Where(host => SiloOf(host.Value) == Name);

    public static string HostSiloName(int index) => string.Create(CultureInfo.InvariantCulture, $"hosts-{index}");

    /// <summary>The silo in which a host of this name is. Neighbours are in different silos, so a group has members in several.</summary>
    public string SiloOf(string host) => HostSiloName(int.Parse(host.AsSpan(HostPrefix.Length), CultureInfo.InvariantCulture) % HostSilos);

    public HostConfiguration ToConfiguration() => new()
    {
        Job = new() { Name = "played", Hosts = HostNames.Names(Hosts), Replicas = 2, BaselineInterval = 0 },
        Host = new() { Name = Name, SiloPort = SiloPort, GatewayPort = GatewayPort, WebPort = 0 },
        Trainer = new() { Command = "played" },
        Redis = Redis,
    };
}
