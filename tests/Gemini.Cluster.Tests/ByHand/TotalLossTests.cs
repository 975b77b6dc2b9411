using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>Everything is lost except the storage directory: hosts, memory and the Redis server with the job's record.</summary>
public sealed class TotalLossTests
{
    [Fact(Explicit = true)]
    public async Task Hosts_AllMemoryAndRedisLost_ANewJobOfTheSameNameResumesFromStorage()
    {
        using var folders = new TestFolders();
        var storage = Directory.CreateDirectory(Path.Combine(folders.Root, "storage")).FullName;
        void Configure(JsonNode json) => json["storage"] = new JsonObject { ["directory"] = storage, ["everySeconds"] = 0 };

        Iteration persisted;
        await using (var lost = await HandMadeCluster.StartAsync(folders, iterations: 100_000, Configure))
            persisted = (await lost.WaitAsync(status => status.Persisted.Value >= 10, "a persisted iteration")).Persisted;

        foreach (var process in ProcessTable.WithEnvironment(folders.Mark)) ProcessTable.Kill(process);
        Directory.Delete(Path.Combine(folders.Memory, "by-hand"), recursive: true);

        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 100_000, Configure);
        var status = await cluster.WaitAsync(
            status => status.Phase == JobPhase.Running && status.Persisted > persisted, "training and persisting to go on");
        var resumed = Assert.Single(status.Recoveries);
        Assert.Equal(CopySource.Storage, resumed.Source);
        Assert.InRange(resumed.ResumedIteration.Value, persisted.Value, long.MaxValue);
        Assert.Null(status.StorageProblem);
    }
}
