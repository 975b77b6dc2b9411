using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The end of a job: its last snapshot is in storage before the job is finished, and a finished job can continue.</summary>
public sealed class JobCoordinatorEndingTests
{
    private static readonly StoragePolicy Rare = StoragePolicy.Strawman;

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Finished_LastIterationIsNoMultiple_IsPersistedBeforeTheJobIsCompleted(int everyIterations)
    {
        var cluster = Create(new StoragePolicy { EveryIterations = everyIterations });

        cluster.RunUntil(JobPhase.Completed);

        Assert.Equal(new Iteration(20), cluster.Status.Persisted);
        Assert.Equal(new Iteration(20), cluster.World.Storage.Complete[0].Snapshot.Iteration);
    }

    [Fact]
    public void Finished_StorageIsAway_IsNotCompleted_SaysWhy_AndIsOnceStorageIsBack()
    {
        var cluster = Create(Rare);
        cluster.World.Storage.IsFull = true;

        cluster.RunUntil(JobPhase.Persisting);
        cluster.RunFor(600_000);

        Assert.Equal((JobPhase.Persisting, new Epoch(1)), (cluster.Phase, cluster.Status.Epoch));
        Assert.Contains("20@1", cluster.Status.Reason);
        Assert.Contains("No space left on device", cluster.Status.Reason);
        cluster.World.Storage.IsFull = false;
        cluster.RunUntil(JobPhase.Completed);
        Assert.Equal(new Iteration(20), cluster.Status.Persisted);
    }

    [Fact]
    public void Finished_WithoutStorage_IsCompletedAtOnce()
    {
        var cluster = Create(storage: null);
        cluster.AfterStep = () => Assert.NotEqual(JobPhase.Persisting, cluster.Phase);

        cluster.RunUntil(JobPhase.Completed);
    }

    [Fact]
    public void Persisting_TheRootAgentComesUpElsewhere_CompletesInTheSameEpoch()
    {
        var cluster = Create(Rare);
        cluster.World.Storage.IsFull = true;
        cluster.RunUntil(JobPhase.Persisting);

        cluster.KillRoot();
        cluster.RunFor(1_000);
        Assert.Equal(JobPhase.Persisting, cluster.Phase);
        cluster.World.Storage.IsFull = false;
        cluster.RunUntil(JobPhase.Completed);

        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
        Assert.Equal(new Iteration(20), cluster.Status.Persisted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Persisting_AHostLosesItsCopy_AnotherOneIsFetchedAndPersisted(bool isHostLost)
    {
        var cluster = Create(Rare, standbys: 1);
        cluster.World.Storage.IsFull = true;
        cluster.RunUntil(JobPhase.Persisting);

        if (isHostLost) cluster.KillHost("h2");
        else cluster.LoseCopies("h2");
        cluster.RunFor(60_000);
        cluster.World.Storage.IsFull = false;
        cluster.RunUntil(JobPhase.Completed);

        Assert.Equal(CopySource.Peer, cluster.Record.Recoveries[0].Source);
        Assert.All(cluster.Record.Recoveries, recovery => Assert.Equal(new Iteration(20), recovery.ResumedIteration));
        Assert.Equal(new Iteration(20), cluster.Status.Persisted);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(35)]
    public void Completed_AllHostsAreStartedAgain_GoesOnToTheTotal(int total)
    {
        var cluster = Create(Rare);
        cluster.RunUntil(JobPhase.Completed);

        Restart(cluster, total);
        cluster.RunUntil(() => cluster.Phase == JobPhase.Completed && cluster.Status.Epoch > new Epoch(1), "the end of the second run", 120_000);

        Assert.Equal(new Iteration(20), cluster.LastRecovery.ResumedIteration);
        Assert.Equal((new Iteration(total), new Iteration(total)), (cluster.Status.Committed, cluster.Status.Persisted));
    }

    [Fact]
    public void Completed_HostsAreStartedAgainOneByOneWithMoreIterations_SaysWhoAsks_AndGoesOnWhenAllDo()
    {
        var cluster = Create(storage: null);
        cluster.RunUntil(JobPhase.Completed);
        cluster.World.Total = 35;

        foreach (var host in cluster.Hosts)
        {
            StartAgain(cluster, host.Name.Value);
            cluster.RunFor(5_000);
            if (host != cluster.Hosts[^1]) Assert.Equal(JobPhase.Completed, cluster.Phase);
            if (host == cluster.Hosts[0]) Assert.Contains("h1 mean to run more iterations", cluster.Status.Reason);
        }

        cluster.RunUntil(() => cluster.Status.Committed == new Iteration(35) && cluster.Phase == JobPhase.Completed, "the end", 60_000);
    }

    [Fact]
    public void Completed_OneHostIsStartedAgainWithTheSameTotal_StaysCompleted()
    {
        var cluster = Create(storage: null);
        cluster.RunUntil(JobPhase.Completed);

        StartAgain(cluster, "h2");
        cluster.RunFor(10_000);

        Assert.Equal((JobPhase.Completed, new Epoch(1)), (cluster.Phase, cluster.Status.Epoch));
        Assert.Equal(DirectiveStep.Complete, cluster["h2"].Silo!.State.Done.Step);
        Assert.DoesNotContain("mean to run", cluster.Status.Reason);
    }

    private static SimulatedJob Create(StoragePolicy? storage, int standbys = 0) =>
        new(hosts: 4, replicas: 2, standbys: standbys, total: 20, storage: storage);

    private static void Restart(SimulatedJob cluster, int total)
    {
        cluster.World.Total = total;
        foreach (var host in cluster.Hosts) cluster.KillProcesses(host.Name.Value);
        cluster.RunFor(1_000);
        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);
    }

    private static void StartAgain(SimulatedJob cluster, string host)
    {
        cluster.KillProcesses(host);
        cluster.Start(host);
    }
}
