using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.ByHand;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.BadInput;

/// <summary>A host that cannot take part prints one line that names the reason and the fix, and ends.</summary>
public sealed class HostBadInputTests
{
    [Fact]
    public async Task Host_PortTaken_SaysWhichAndByWhatToFindIt()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var line = await FailAsync(json => json["host"]!["dataPort"] = port);
        Assert.Contains(
            $"host.dataPort {port} on 127.0.0.1 is taken by another process; stop it (ss -ltnp shows it) or choose another port",
            line,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_NoRedis_SaysHowToStartOne()
    {
        var port = TestPorts.Free.Next();
        var line = await FailAsync(json => (json["redis"], json["redisWaitSeconds"]) = ($"127.0.0.1:{port}", 0));
        Assert.Contains($"127.0.0.1:{port} cannot be reached", line, StringComparison.Ordinal);
        Assert.Contains($"start the server (redis-server --port {port}) or correct the address", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_NoSecret_SaysHowToMakeOne()
    {
        var line = await FailAsync(json => json["secretFile"] = "no-such.key");
        Assert.Contains("no-such.key does not exist. Make one with: head -c 32 /dev/urandom | base64 >", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_FewerHostsThanReplicas_SaysTheRule()
    {
        var line = await FailAsync(json => json["job"]!["replicas"] = 4);
        Assert.Contains("job.replicas is 4, but there are only 3 hosts", line, StringComparison.Ordinal);
    }

    private static async Task<string> FailAsync(Action<JsonNode> spoil)
    {
        using var folders = new TestFolders();
        var configuration = new SampleConfiguration(folders, "127.0.0.1:1");
        configuration.Write("host-a", iterations: 10, spoil);
        using var process = GeminiProcess.Start(folders, "host", "--config", configuration.PathOf("host-a"));
        Assert.NotEqual(0, await process.ExitAsync(Limits.BadInput));
        await Leftovers.AssertNoneAsync(folders, TimeSpan.FromSeconds(1));
        return Assert.Single(process.Errors.All);
    }
}
