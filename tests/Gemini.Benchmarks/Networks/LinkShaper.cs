using System.Collections.Immutable;
using System.Globalization;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.Networks;

/// <summary>Gives the links of a network a rate and a kind of queue, and its hosts a congestion control. Needs root and <c>tc</c>.</summary>
/// <param name="network">The hosts' links.</param>
/// <param name="topology">Where the bottleneck is.</param>
/// <param name="bitsPerSecond">The rate of each link, in each direction.</param>
/// <param name="congestionControl">A name that the kernel knows, such as cubic or bbr.</param>
internal sealed class LinkShaper(HostNetwork network, Topology topology, long bitsPerSecond, string congestionControl)
{
    /// <summary>What a queue holds before it drops. At the rates of the benchmark this is some 20 ms.</summary>
    private const string QueueBytes = "1000000";

    /// <summary>A sender's kernel passes on up to this many bytes at once. With the usual 64 KiB a background packet would hold up the link for long.</summary>
    private const string SegmentBytes = "16384";

    /// <summary>The share of the link that the lower class always gets, so that its connections never stall.</summary>
    private const double LowerShare = 0.01;

    /// <exception cref="BadInputException">A tool is missing, or does not know what it is asked for.</exception>
    public void Shape(IEnumerable<string> hosts)
    {
        foreach (var host in hosts)
        {
            On(host, "sh", "-c", $"echo {congestionControl} > /proc/sys/net/ipv4/tcp_congestion_control");
            On(host, "ip", "link", "set", "eth0", "gso_max_size", SegmentBytes);
            Run("ip", "link", "set", network.LinkOf(host), "gso_max_size", SegmentBytes);
            if (topology is Topology.Fifo or Topology.Bands) LimitEgress(host);
            else if (topology == Topology.Switch) LimitPort(network.LinkOf(host));
        }
    }

    private void LimitEgress(string host)
    {
        On(host, "tc", "qdisc", "add", "dev", "eth0", "root", "handle", "1:", "tbf", "rate", Rate(1), "burst", "64kb", "limit", QueueBytes);
        string[] queue = topology == Topology.Bands ? ["pfifo_fast"] : ["bfifo", "limit", QueueBytes];
        On(host, ["tc", "qdisc", "add", "dev", "eth0", "parent", "1:1", "handle", "10:", .. queue]);
    }

    private void LimitPort(string link)
    {
        Run("tc", "qdisc", "add", "dev", link, "root", "handle", "1:", "htb", "default", "10");
        Run("tc", "class", "add", "dev", link, "parent", "1:", "classid", "1:1", "htb", "rate", Rate(1), "ceil", Rate(1), "burst", "64kb");
        Class("1:10", 1 - LowerShare, priority: "0");
        Class("1:20", LowerShare, priority: "7");
        // DSCP LE is 000001: the upper six bits of the field that is called "type of service".
        Run("tc", "filter", "add", "dev", link, "parent", "1:", "protocol", "ip", "prio", "1", "u32", "match", "ip", "tos", "0x04", "0xfc", "flowid", "1:20");

        void Class(string id, double share, string priority)
        {
            Run("tc", "class", "add", "dev", link, "parent", "1:1", "classid", id, "htb", "rate", Rate(share), "ceil", Rate(1), "prio", priority, "burst", "64kb");
            Run("tc", "qdisc", "add", "dev", link, "parent", id, "bfifo", "limit", QueueBytes);
        }
    }

    private string Rate(double share) => string.Create(CultureInfo.InvariantCulture, $"{(long)(bitsPerSecond * share)}bit");

    private void On(string host, params string[] command) => HostNetwork.Run([.. network.LauncherOf(host), .. command]);

    private static void Run(params ImmutableArray<string> command) => HostNetwork.Run(command);
}
