using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;
using StackExchange.Redis;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>A Redis server that loses everything while all hosts are present and train.</summary>
public sealed class EmptiedRedisTests
{
    private const long Iterations = 800;

    [Fact(Explicit = true)]
    public async Task Redis_IsEmptied_TheClusterWritesItAgain_AHostThatIsLostThenComesBack_AndTheStateIsThatOfAnUndisturbedRun()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, Iterations);
        var before = await cluster.TrainsAsync(committed: 20);
        await FlushAsync(cluster);

        // A silo writes the membership again. It had seen before that the membership was whole.
        await DirectoryIsWholeAsync(cluster);
        // A client that knew no host before finds the hosts in the membership.
        var answer = await AskAsync(folders);
        Assert.Equal(HandMadeCluster.Names, answer["hosts"]!.AsArray().Select(host => (string)host!["name"]!).Order());
        var during = await cluster.WaitAsync(status => status.Committed.Value > before.Committed.Value + 20, "twenty more commits");
        Assert.Equal((before.Epoch, JobPhase.Running), (during.Epoch, during.Phase));
        Assert.Equal(Silos(before), Silos(during));
        Assert.All(during.Hosts, host => Assert.True(host.Alive));
        Assert.Equal(1, LinesOfAll(cluster).Count(line => line.Contains("rows were written back", StringComparison.Ordinal)));

        await LoseAsync(cluster, during, "host-b");
        cluster.StartHost("host-b");
        var finished = await cluster.WaitAsync(status => status.Phase == JobPhase.Completed, "the end of the job");
        var recovery = Assert.Single(finished.Recoveries);
        Assert.Equal((FailureKind.Hardware, CopySource.Peer), (recovery.Kind, recovery.Source));
        Assert.InRange(recovery.ResumedIteration.Value, during.Committed.Value, Iterations);
        Assert.Equal(await Reference.RunAsync(folders, Iterations), finished.CommittedHashes);
    }

    /// <summary>
    /// A silo can be declared dead only if the membership has a row for it. After the loss only other silos can write a lost host's row.
    /// </summary>
    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task Redis_IsAway_AHostIsLost_RedisComesBackEmpty_TheHostIsFoundDead_AndItsSuccessorJoins()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 100_000);
        var before = await cluster.TrainsAsync(committed: 20);
        // Not the host of the root agent, which has the only record of the job that is left.
        var lost = HandMadeCluster.Names.First(name => name != before.RootHost.Value);
        await cluster.Redis.KillAsync();
        await LoseAsync(cluster, before, lost);
        await cluster.Redis.StartEmptyAsync();

        var replacing = await cluster.WaitAsync(status => status.Phase == JobPhase.Replacing, "the lost host's position to be vacant");
        Assert.Equal(HandMadeCluster.Names.Where(name => name != lost), replacing.Hosts.Where(host => host.Alive).Select(host => host.Report.Host.Value).Order());
        cluster.StartHost(lost);
        var after = await cluster.RecoveredAsync();
        Assert.Equal((FailureKind.Hardware, CopySource.Peer), (after.Recoveries[0].Kind, after.Recoveries[0].Source));
        Assert.InRange(after.Recoveries[0].ResumedIteration.Value, before.Committed.Value, after.Committed.Value);
    }

    private static async Task LoseAsync(HandMadeCluster cluster, JobStatus status, string name)
    {
        var report = HandMadeCluster.ReportOf(status, name);
        Assert.Single(report.Trainers);
        await cluster.LoseAsync(report);
    }

    private static async Task FlushAsync(HandMadeCluster cluster)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(cluster.Redis.Endpoint + ",allowAdmin=true");
        await redis.GetServer(cluster.Redis.Endpoint).FlushAllDatabasesAsync();
    }

    private static async Task<JsonNode> AskAsync(TestFolders folders)
    {
        using var process = GeminiProcess.Start(
            folders, "status", "--json", "--timeout", "30", "--config", Path.Combine(folders.Root, "host-a.json"));
        var code = await process.ExitAsync(Limits.Stop);
        Assert.True(code == 0, $"exit code {code}\n{process.Describe()}");
        return JsonNode.Parse(string.Join('\n', process.Output.All))!;
    }

    /// <summary>The directory has an entry for the root agent and for each group. Three hosts with two replicas form one group of three.</summary>
    private static async Task DirectoryIsWholeAsync(HandMadeCluster cluster)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(cluster.Redis.Endpoint);
        string[] grains = ["rootagent/by-hand", "checkpointgroup/by-hand/group-0"];
        await cluster.WaitAsync(
            _ => grains.All(grain => redis.GetDatabase().KeyExists($"gemini-by-hand/directory/{grain}")), "the root agent and its group in the directory");
    }

    private static IEnumerable<int> Silos(JobStatus status) => status.Hosts.Select(host => host.Report.SiloProcessId).Order();

    private static IEnumerable<string> LinesOfAll(HandMadeCluster cluster) => HandMadeCluster.Names.SelectMany(name => cluster.Shell(name).Output.All);
}
