using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;
using Gemini.Silo.Configuration;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>deploy/samples/MyLoop: a user's own program, with running statistics, dropout and a scheduler.</summary>
public sealed class SampleLoopTests
{
    private const string Iterations = "2000";

    [Fact]
    public async Task MyLoop_TrainerKilled_EndsBitForBitAsAlone()
    {
        using var folders = new TestFolders();
        using var alone = WatchedProcess.Start(folders, GeminiProcess.SamplePath, Iterations);
        Assert.True(await alone.ExitAsync(Limits.Start) == 0, alone.Describe());

        using var redis = await RedisServer.StartAsync(folders);
        var configuration = new SampleConfiguration(folders, redis.Endpoint);
        configuration.Write("host-a", 0, json =>
        {
            (json["job"]!["hosts"], json["job"]!["replicas"]) = (new JsonArray("host-a"), 1);
            (json["trainer"]!["command"], json["trainer"]!["arguments"]) = (GeminiProcess.SamplePath, new JsonArray(Iterations));
            json["trainer"]!["spares"] = 0;
        });
        await using var job = new JobWatcher(HostConfigurationFile.Load(configuration.PathOf("host-a")));
        using var host = GeminiProcess.Start(folders, "host", "--config", configuration.PathOf("host-a"));
        var before = await WaitAsync(status => status.Committed.Value >= 100, "a hundred committed iterations");
        ProcessTable.Kill(Assert.Single(before.Hosts).Report.Trainers[0].ProcessId);
        var after = await WaitAsync(status => status.Phase == JobPhase.Completed, "the end of the job");

        Assert.InRange(Assert.Single(after.Recoveries).ResumedIteration.Value, before.Committed.Value, long.Parse(Iterations));
        // The job may be completed before the trainer has written its last line.
        Assert.True(await ProcessTable.ExitsAsync(Assert.Single(after.Hosts).Report.Trainers[0].ProcessId, Limits.Stop));
        var log = Path.Combine(folders.Root, "logs", "host-a", "trainer-0.out.log");
        Assert.Equal(Assert.Single(alone.Output.All), File.ReadLines(log).Last());

        Task<JobStatus> WaitAsync(Func<JobStatus, bool> condition, string what) =>
            job.WaitAsync(condition, what, Limits.Start, () => host.Describe());
    }
}
