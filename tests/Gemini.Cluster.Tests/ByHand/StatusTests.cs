using System.Text.Json;
using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;
using Gemini.Silo.Processes;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary><c>gemini status</c> against a real cluster: before, during and after the loss of a host, and when no host is left to answer.</summary>
public sealed class StatusTests
{
    [Fact]
    public async Task Status_BeforeDuringAndAfterALostHost_SaysWhoHoldsWhat()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 100_000, InRacks);
        var config = Path.Combine(folders.Root, "host-a.json");
        var before = await cluster.TrainsAsync(committed: 5);

        var safe = await AskAsync(folders, exitCode: 0, config);
        Assert.Equal("safe", Text(safe["verdict"]));
        Assert.All(Shards(safe), shard => Assert.Equal((2, true), (shard["copies"]!.AsArray().Count, (bool)shard["copies"]![0]!["own"]!)));
        Assert.Equal(["r1", "r1", "r2"], safe["hosts"]!.AsArray().Select(host => Text(host!["domain"])["rack=".Length..]).Order());
        Assert.Contains(safe["warnings"]!.AsArray(), warning => Text(warning).StartsWith("rack: the shards of", StringComparison.Ordinal));

        var (_, brief) = await RunAsync(folders, exitCode: 0, "--brief", "--config", config);
        Assert.StartsWith("by-hand: safe: snapshot ", Assert.Single(brief), StringComparison.Ordinal);
        var (unknown, _) = await RunAsync(folders, exitCode: 4, "--redis", cluster.Redis.Endpoint, "--job", "nosuch");
        Assert.Contains("no host of a job 'nosuch' has ever been registered", Assert.Single(unknown), StringComparison.Ordinal);

        var victim = HandMadeCluster.ReportOf(before, "host-b");
        Assert.Single(victim.Trainers);
        await cluster.LoseAsync(victim);
        await cluster.WaitAsync(status => status.Phase == JobPhase.Replacing, "the lost host's position to be vacant");
        var lost = await AskAsync(folders, exitCode: 3, config);
        Assert.Equal("recovering", Text(lost["verdict"]));
        // One copy, or two as soon as a guest is taken in. A lost host counts for no copy.
        Assert.All(Shards(lost), shard => Assert.InRange(shard["copies"]!.AsArray().Count, 1, 2));
        Assert.DoesNotContain(Shards(lost).SelectMany(shard => shard["copies"]!.AsArray()), copy => Text(copy!["host"]) == "host-b");

        cluster.StartHost("host-b");
        var resumed = await cluster.RecoveredAsync();
        var again = await AskAsync(folders, exitCode: 0, config);
        AssertRecovery(again, resumed.Hosts.Single(host => host.Report.Host == new HostName("host-b")).Position!.Value.Value);

        var (_, text) = await RunAsync(folders, exitCode: 0, "--config", config);
        Assert.Contains(text, line => line.Contains("memory of host-", StringComparison.Ordinal));
        Assert.Contains(text, line => line.Contains("GB/s", StringComparison.Ordinal));

        foreach (var process in ProcessTable.WithEnvironment(folders.Mark).Where(process => ProcessTools.Runs(process, GeminiProcess.Path)))
            ProcessTable.Kill(process);
        var (errors, _) = await RunAsync(folders, exitCode: 4, "--config", config, "--timeout", "2");
        Assert.Contains("is a host running", Assert.Single(errors));
    }

    private static void InRacks(JsonNode json)
    {
        json["job"]!["domains"] = new JsonArray("rack");
        json["job"]!["labels"] = new JsonObject
        {
            ["host-a"] = new JsonObject { ["rack"] = "r1" },
            ["host-b"] = new JsonObject { ["rack"] = "r1" },
            ["host-c"] = new JsonObject { ["rack"] = "r2" },
        };
    }

    private static void AssertRecovery(JsonNode status, int lostRank)
    {
        Assert.Equal("safe", Text(status["verdict"]));
        var recovery = Assert.Single(status["recoveries"]!.AsArray())!;
        Assert.Equal(("hardware", "peer", false), (Text(recovery["kind"]), Text(recovery["source"]), (bool)recovery["running"]!));
        Assert.True((long)recovery["fetchedBytes"]! > 100_000);
        var ranks = recovery["ranks"]!.AsArray();
        Assert.Equal([0, 1, 2], ranks.Select(rank => (int)rank!["rank"]!));
        Assert.All(ranks, rank => Assert.True((double)rank!["loadMs"]! > 0 && (double)rank["gigabytesPerSecond"]! > 0));
        var fetched = Assert.Single(ranks, rank => Text(rank!["source"]) == "peer")!;
        Assert.Equal(lostRank, (int)fetched["rank"]!);
        Assert.Contains(Text(fetched["from"]), (string[])["host-a", "host-c"]);
    }

    private static async Task<JsonNode> AskAsync(TestFolders folders, int exitCode, string config)
    {
        var (_, output) = await RunAsync(folders, exitCode, "--json", "--config", config);
        return JsonNode.Parse(string.Join('\n', output)) ?? throw new JsonException("null");
    }

    private static async Task<(IReadOnlyList<string> Errors, IReadOnlyList<string> Output)> RunAsync(TestFolders folders, int exitCode, params string[] arguments)
    {
        using var process = GeminiProcess.Start(folders, ["status", .. arguments]);
        var code = await process.ExitAsync(Limits.Stop);
        Assert.True(code == exitCode, $"exit code {code} instead of {exitCode}\n{process.Describe()}");
        return ([.. process.Errors.All], [.. process.Output.All]);
    }

    private static List<JsonNode> Shards(JsonNode status) => [.. status["shards"]!.AsArray().Select(shard => shard!)];

    private static string Text(JsonNode? node) => (string)node!;
}
