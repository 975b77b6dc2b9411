using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// A network for hosts on one machine. Each host has a network namespace of its own. A bridge joins all of them and this process's namespace. A link
/// that goes down is like a cut cable: nobody gets a reset, and packets are lost. Needs root and <c>ip</c>. Disposing removes everything.
/// </summary>
internal sealed class HostNetwork : IDisposable
{
    private readonly string _id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
    private readonly ImmutableArray<string> _hosts;
    private readonly int _subnet = (Environment.ProcessId % 250) + 1;

    private HostNetwork(ImmutableArray<string> hosts) => _hosts = hosts;

    /// <summary>This process's own address on the network.</summary>
    public string OwnAddress => Address(0);

    private string Bridge => $"gem{_id}";

    /// <summary>If such a network is not permitted, returns null and the reason.</summary>
    public static (HostNetwork? Network, string Reason) TryCreate(ImmutableArray<string> hosts)
    {
        var network = new HostNetwork(hosts);
        try
        {
            network.Create();
            return (network, "");
        }
        catch (BadInputException error)
        {
            network.Dispose();
            return (null, error.Message);
        }
    }

    public string AddressOf(string host) => Address(_hosts.IndexOf(host) + 1);

    /// <summary>The command that starts a program on that host.</summary>
    public ImmutableArray<string> LauncherOf(string host) => ["ip", "netns", "exec", NamespaceOf(host)];

    public void Cut(string host) => Ip("link", "set", LinkOf(host), "down");

    public void Mend(string host) => Ip("link", "set", LinkOf(host), "up");

    public void Dispose()
    {
        foreach (var host in _hosts) TryIp("netns", "del", NamespaceOf(host));
        TryIp("link", "del", Bridge);
    }

    private void Create()
    {
        Ip("link", "add", Bridge, "type", "bridge");
        Ip("addr", "add", $"{OwnAddress}/24", "dev", Bridge);
        Ip("link", "set", Bridge, "up");
        foreach (var host in _hosts)
        {
            var space = NamespaceOf(host);
            Ip("netns", "add", space);
            Ip("link", "add", LinkOf(host), "type", "veth", "peer", "name", "eth0", "netns", space);
            Ip("link", "set", LinkOf(host), "master", Bridge);
            Ip("-n", space, "addr", "add", $"{AddressOf(host)}/24", "dev", "eth0");
            Ip("-n", space, "link", "set", "eth0", "up");
            Ip("-n", space, "link", "set", "lo", "up");
            Ip("link", "set", LinkOf(host), "up");
        }
    }

    private string Address(int index) => string.Create(CultureInfo.InvariantCulture, $"10.213.{_subnet}.{index + 1}");

    private string NamespaceOf(string host) => $"gemini-{_id}-{host}";

    /// <summary>The bridge's end of the host's link. What the host receives leaves the bridge there.</summary>
    public string LinkOf(string host) => string.Create(CultureInfo.InvariantCulture, $"g{_id}h{_hosts.IndexOf(host)}");

    private static void TryIp(params IEnumerable<string> arguments)
    {
        try
        {
            Ip(arguments);
        }
        catch (BadInputException)
        {
            // It does not exist.
        }
    }

    /// <exception cref="BadInputException"><c>ip</c> is missing or not permitted.</exception>
    private static void Ip(params IEnumerable<string> arguments) => Run(["ip", .. arguments]);

    /// <summary>Runs a command that sets up a network, to its end.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <exception cref="BadInputException">The program is missing or not permitted, or does not know what it is asked for.</exception>
    public static void Run(ImmutableArray<string> command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new BadInputException($"{string.Join(' ', command)}: {error.ReplaceLineEndings(" ")}");
        }
        catch (Win32Exception error)
        {
            throw new BadInputException($"{command[0]} cannot be run: {error.Message}");
        }
    }
}
