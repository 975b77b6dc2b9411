using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>One host alone with an empty Redis server, and no client that could have prepared the server.</summary>
public sealed class FirstHostTests
{
    [Fact]
    public async Task Host_RedisIsEmpty_StartsTheJob()
    {
        using var folders = new TestFolders();
        using var redis = await RedisServer.StartAsync(folders);
        var configuration = new SampleConfiguration(folders, redis.Endpoint);
        configuration.Write("host-a", iterations: 100_000, json =>
        {
            json["job"]!["hosts"] = new JsonArray("host-a");
            json["job"]!["replicas"] = 1;
        });

        using var host = GeminiProcess.Start(folders, "host", "--config", configuration.PathOf("host-a"));
        await host.WaitForLineAsync(line => line.Contains("Epoch 1: Running", StringComparison.Ordinal), "the first epoch to run", Limits.Start);

        host.Interrupt();
        Assert.Equal(0, await host.ExitAsync(Limits.Stop));
    }
}
