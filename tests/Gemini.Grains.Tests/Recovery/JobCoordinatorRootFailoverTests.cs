using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The root agent dies, alone, with its silo or with its host, and another comes up from the record.</summary>
public sealed class JobCoordinatorRootFailoverTests
{
    [Fact]
    public void RootGone_N4M2_WhileTraining_TakesOverWithoutANewEpoch()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillRoot();
        cluster.RunFor(1_000);
        cluster.Train(iterations: 5);

        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
        Assert.Empty(cluster.Status.Recoveries);
        Assert.True(cluster.Status.Committed.Value >= committed.Value + 5);
    }

    [Theory]
    [InlineData(JobPhase.Halting)]
    [InlineData(JobPhase.Replacing)]
    [InlineData(JobPhase.Preparing)]
    [InlineData(JobPhase.Resuming)]
    public void RootGone_N4M2_DuringARecovery_TheNextOneFinishesIt(JobPhase phase)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillHost("h2");
        if (phase > JobPhase.Replacing)
        {
            cluster.RunUntil(JobPhase.Replacing);
            cluster.Start("h2");
        }

        cluster.RunUntil(phase);
        cluster.KillRoot();
        if (cluster["h2"].Silo is null) cluster.Start("h2");
        cluster.RunFor(1_000);
        cluster.Train(iterations: 3);

        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal(FailureKind.Hardware, recovery.Kind);
        Assert.Contains(new HostName("h2"), recovery.Hosts);
        Assert.True(recovery.ResumedIteration >= committed);
        Assert.True(recovery.ResumedAt >= recovery.LoadedAt && recovery.LoadedAt >= recovery.FetchedAt);
    }

    [Fact]
    public void RootHostKilled_N4M2S1_WhileTraining_IsReplaced()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;
        var rootHost = cluster.RootHost.Value;

        cluster.KillHost(rootHost);
        cluster.RunFor(1_000);
        cluster.Train(iterations: 3);

        Assert.NotEqual(rootHost, cluster.RootHost.Value);
        Assert.Contains("s1", Enumerable.Range(0, 4).Select(position => cluster.HostAt(position)!.Name.Value));
        Assert.Equal(FailureKind.Hardware, cluster.LastRecovery.Kind);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
    }

    [Theory]
    [InlineData(JobPhase.Halting)]
    [InlineData(JobPhase.Preparing)]
    [InlineData(JobPhase.Resuming)]
    public void RootHostKilled_N4M2S2_DuringARecovery_IsReplacedToo(JobPhase phase)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillTrainer("h3");
        cluster.RunUntil(phase);
        cluster.KillHost(cluster.RootHost.Value);
        cluster.RunFor(1_000);
        cluster.Train(iterations: 3);

        Assert.Equal(FailureKind.Hardware, cluster.LastRecovery.Kind);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.Equal(JobPhase.Running, cluster.Phase);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(5_000)]
    public void RootSiloKilled_N4M2_BackWithinGrace_CostsNoEpoch(int awayMilliseconds)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var rootHost = cluster.RootHost.Value;

        cluster.KillSilo(rootHost);
        cluster.RunFor(awayMilliseconds);
        cluster.Start(rootHost);
        cluster.RunFor(1_000);
        cluster.Train(iterations: 5);

        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
    }

    [Fact]
    public void RootSiloKilled_N4M2_StaysAway_TheNextRootSaysSo()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;
        var rootHost = cluster.RootHost.Value;

        cluster.KillSilo(rootHost);
        cluster.RunFor(5_000);

        Assert.Equal(JobPhase.Running, cluster.Phase);
        Assert.Contains($"{rootHost}: its silo is away, its trainers train on", cluster.Status.Reason);
        Assert.True(cluster.Status.Trained >= committed);
        Assert.Empty(cluster.Status.Recoveries);
    }

    [Fact]
    public void AllSilosKilled_N4M2_TrainersAndMemoryLive_AllRestartInTheNextEpochFromMemory()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        foreach (var host in cluster.Hosts) cluster.KillSilo(host.Name.Value);
        cluster.RunFor(1_000);
        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);
        cluster.RunFor(1_000);
        cluster.Train(iterations: 3);

        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
        Assert.Equal(CopySource.Local, cluster.LastRecovery.Source);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
    }
}
