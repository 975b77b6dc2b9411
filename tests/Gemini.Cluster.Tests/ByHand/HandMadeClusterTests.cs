using System.Globalization;
using Gemini.Cluster.Tests.Formats;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;
using Gemini.Silo.Processes;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>The cluster of deploy/hosts with a real Redis server does what its README promises.</summary>
public sealed class HandMadeClusterTests
{
    private const int ParameterCount = 70_464;

    [Fact]
    public async Task Hosts_OneSiloKilledAndStartedAgain_AdoptsMemoryAndTrainerAndTheJobGoesOnToItsEnd()
    {
        // Long enough that training still runs when the silo is back.
        const long Iterations = 1000;
        using var folders = new TestFolders();
        // Without spares, so that the test can count the processes that train.
        await using var cluster = await HandMadeCluster.StartAsync(folders, Iterations, json => json["trainer"]!["spares"] = 0);
        var before = await cluster.TrainsAsync(committed: 5);
        var (silo, trainer) = ProcessesOf(before, "host-b");

        ProcessTable.Kill(silo);
        await cluster.Shell("host-b").ExitAsync(Limits.Stop);
        cluster.StartHost("host-b");
        var after = await cluster.WaitAsync(
            status => status.Hosts.Any(host => host.Report.Host == new HostName("host-b") && host.Alive && host.Report.SiloProcessId != silo
                && host.Report.Trainers is [{ State: TrainerState.Training or TrainerState.Finished }]),
            "host-b to be back with its trainer");
        Assert.Equal(trainer, ProcessesOf(after, "host-b").Trainer);
        var trainers = ProcessTable.WithEnvironment(folders.Mark).Where(process => ProcessTools.Runs(process, GeminiProcess.TrainerPath));
        Assert.Equal(HandMadeCluster.Names.Count, trainers.Count());
        Assert.Equal(before.Epoch, after.Epoch);
        Assert.Empty(after.Recoveries);

        var finished = await cluster.WaitAsync(status => status.Phase == JobPhase.Completed, "the end of the job");
        Assert.Equal(Iterations, finished.Committed.Value);
        Assert.Equal(before.Epoch, finished.Epoch);
        Assert.Equal(trainer, ProcessesOf(finished, "host-b").Trainer);
        Assert.DoesNotContain(cluster.Shell("host-b").Output.All, line => line.Contains("Started trainer", StringComparison.Ordinal));

        // The last snapshot of a finished job also stays.
        await StopAsync(cluster);
        Assert.All(HandMadeCluster.Names, name => Assert.NotEmpty(Directory.GetFiles(cluster.MemoryOf(name), "rank-*")));
    }

    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task Hosts_AllKilledAndStartedAgain_ResumeFromTheirOwnMemory()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 10_000);
        var before = await cluster.TrainsAsync(committed: 20);
        foreach (var name in HandMadeCluster.Names)
        {
            var (silo, trainer) = ProcessesOf(before, name);
            ProcessTable.Kill(silo);
            ProcessTable.Kill(trainer);
        }

        foreach (var name in HandMadeCluster.Names) await cluster.Shell(name).ExitAsync(Limits.Stop);
        var newest = NewestCommitted(cluster);
        Assert.InRange(newest, before.Committed.Value, long.MaxValue);

        foreach (var name in HandMadeCluster.Names) cluster.StartHost(name);
        var after = await cluster.WaitAsync(
            status => status.Phase == JobPhase.Running && status.Epoch > before.Epoch && status.Committed.Value > newest, "training to go on");
        var recovery = Assert.Single(after.Recoveries);
        Assert.Equal((newest, CopySource.Local), (recovery.ResumedIteration.Value, recovery.Source));

        await StopAsync(cluster);
        // Ctrl-C keeps the memory for the next start.
        Assert.All(HandMadeCluster.Names, name => Assert.NotEmpty(Directory.GetFiles(cluster.MemoryOf(name), "rank-*")));
    }

    [Fact(Explicit = true)]
    public async Task Redis_Freezes_TrainingGoesOn_AndAFailureMeanwhileIsRecoveredWhenItThaws()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 100_000);
        var before = await cluster.TrainsAsync(committed: 5);

        var redis = await cluster.Redis.ProcessIdAsync();
        ProcessSignals.Stop(redis);
        var during = await cluster.WaitAsync(status => status.Committed.Value >= before.Committed.Value + 200, "200 commits without Redis");
        Assert.Equal((before.Epoch, JobPhase.Running), (during.Epoch, during.Phase));
        Assert.All(during.Hosts, host => Assert.True(host.Alive));
        ProcessTable.Kill(ProcessesOf(during, "host-b").Trainer);
        ProcessSignals.Continue(redis);

        var after = await cluster.RecoveredAsync();
        Assert.Equal((FailureKind.Software, CopySource.Local), (after.Recoveries[0].Kind, after.Recoveries[0].Source));
        Assert.InRange(after.Recoveries[0].ResumedIteration.Value, during.Committed.Value, after.Committed.Value);
    }

    /// <summary>The newest iteration for which every rank's own host holds a sealed snapshot. Each snapshot is checked byte by byte.</summary>
    private static long NewestCommitted(HandMadeCluster cluster)
    {
        var newest = long.MaxValue;
        for (var rank = 0; rank < HandMadeCluster.Names.Count; rank++)
        {
            var snapshots = Directory.GetFiles(cluster.MemoryOf(HandMadeCluster.Names[rank]), $"rank-{rank:d5}.slot-*").Select(SegmentFile.Read).ToList();
            Assert.Equal(2, snapshots.Count);
            var complete = snapshots.Where(snapshot => snapshot.State == SegmentFile.Sealed).ToList();
            foreach (var snapshot in complete) AssertShard(snapshot, rank);
            newest = Math.Min(newest, complete.Max(snapshot => snapshot.Iteration));
        }

        return newest;
    }

    private static void AssertShard(SegmentFile segment, int rank)
    {
        Assert.Equal((rank, "by-hand"), (segment.Owner, segment.Job));
        var file = SafetensorsFile.Parse(segment.Payload);
        Assert.Equal(["parameters", "exp_avg", "exp_avg_sq", "rng_state"], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors.Take(3), tensor => Assert.Equal(("F32", ParameterCount / 3L), (tensor.Type, Assert.Single(tensor.Shape))));
        Assert.Equal("U8", file.Tensors[3].Type);
        Assert.Equal(Text(segment.Iteration), file.Metadata["step"]);
        Assert.Equal(Text(segment.Iteration), file.Metadata["gemini.iteration"]);
        Assert.Equal((Text(rank), "3"), (file.Metadata["gemini.rank"], file.Metadata["gemini.world_size"]));

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Ctrl-C in every shell.</summary>
    private static async Task StopAsync(HandMadeCluster cluster)
    {
        foreach (var name in HandMadeCluster.Names) cluster.Shell(name).Interrupt();
        foreach (var name in HandMadeCluster.Names) Assert.Equal(0, await cluster.Shell(name).ExitAsync(Limits.Stop));
    }

    private static (int Silo, int Trainer) ProcessesOf(JobStatus status, string name)
    {
        var report = HandMadeCluster.ReportOf(status, name);
        return (report.SiloProcessId, Assert.Single(report.Trainers).ProcessId);
    }
}
