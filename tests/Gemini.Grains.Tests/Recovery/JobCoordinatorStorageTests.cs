using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Persistent storage: which snapshots the job persists, and when it resumes from them.</summary>
public sealed class JobCoordinatorStorageTests
{
    private static readonly StoragePolicy EveryFive = new() { EveryIterations = 5 };

    [Fact]
    public void Training_N4M2_PersistsAsThePolicySays_InEpoch1()
    {
        var cluster = Create();

        cluster.Train(iterations: 23);

        Assert.InRange(cluster.Status.Persisted.Value, 10, 20);
        Assert.Equal(0, cluster.Status.Persisted.Value % 5);
        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
        Assert.Null(cluster.Status.StorageProblem);
        Assert.Equal(4, cluster.World.Storage.Complete[0].Shards.Length);
    }

    [Fact]
    public void BothHostsOfAGroupDie_N4M2_AllResumeFromStorage()
    {
        var cluster = Create(standbys: 2);
        cluster.Train(iterations: 23);
        var persisted = cluster.Status.Persisted;

        cluster.KillHost("h1");
        cluster.KillHost("h2");
        cluster.Train(iterations: 3);

        Assert.Equal((CopySource.Storage, persisted), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
        Assert.Equal(FailureKind.Hardware, cluster.LastRecovery.Kind);
        cluster.Train(iterations: 10);
        Assert.True(cluster.Status.Persisted > persisted, cluster.World.Describe());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void HostDies_ThenItsPeersSiloInTheRecovery_ThePeersMemoryIsWaitedForWithinTheGrace(bool comesBack)
    {
        var cluster = Create(standbys: 2);
        cluster.Train(iterations: 23);
        var (committed, persisted) = (cluster.Status.Committed, cluster.Status.Persisted);
        cluster.KillHost("h3");
        cluster.RunUntil(() => cluster.Phase == JobPhase.Halting, "the recovery", 5_000);
        cluster.KillSilo("h4");
        cluster.RunUntil(() => cluster.Status.Reason.Contains("waiting for h4, whose memory may have a newer snapshot", StringComparison.Ordinal), "the wait", 5_000);
        cluster.RunFor(10_000);
        Assert.Equal(JobPhase.Halting, cluster.Phase);

        if (comesBack) cluster.Start("h4");
        cluster.Train(iterations: 3);

        var (source, resumed) = (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration);
        if (comesBack) Assert.True(source == CopySource.Peer && resumed >= committed, $"{source} {resumed}");
        else Assert.Equal((CopySource.Storage, persisted), (source, resumed));
    }

    [Fact]
    public void BothHostsOfAGroupDie_ThenATrainerWhileItResumes_TheTimeLineStillSaysStorage()
    {
        var cluster = Create(standbys: 2);
        cluster.Train(iterations: 23);
        var persisted = cluster.Status.Persisted;
        cluster.KillHost("h3");
        cluster.KillHost("h4");
        cluster.RunUntil(JobPhase.Resuming);
        cluster.KillTrainer("h1");
        cluster.Train(iterations: 3);

        Assert.Single(cluster.Status.Recoveries);
        Assert.Equal((CopySource.Storage, persisted), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
    }

    [Fact]
    public void OneHostOfAGroupDies_N4M2_MemoryIsPreferred()
    {
        var cluster = Create(standbys: 1);
        cluster.Train(iterations: 23);

        cluster.KillHost("h1");
        cluster.Train(iterations: 3);

        Assert.Equal(CopySource.Peer, cluster.LastRecovery.Source);
    }

    [Fact]
    public void StoredSnapshotIsRotten_TheOlderOneIsUsed()
    {
        var cluster = Create(standbys: 2);
        cluster.Train(iterations: 23);
        var older = cluster.World.Storage.Complete[1].Snapshot;
        cluster.World.Storage.RotNewest();

        cluster.KillHost("h3");
        cluster.KillHost("h4");
        cluster.Train(iterations: 3);

        Assert.Equal((CopySource.Storage, older.Iteration), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
    }

    [Fact]
    public void NewJobOfTheSameName_AllMemoryAndTheRecordLost_ResumesAndItsEpochsGoOn()
    {
        var cluster = Create();
        cluster.Train(iterations: 12);
        cluster.KillTrainer("h1");
        cluster.Train(iterations: 12);
        var stored = cluster.World.Storage.Complete[0].Snapshot;
        Assert.Equal(new Epoch(2), stored.Epoch);

        BeginAnew(cluster);
        cluster.Train(iterations: 7);

        Assert.Equal((CopySource.Storage, stored.Iteration), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
        Assert.True(cluster.Status.Epoch > stored.Epoch);
        var complete = cluster.World.Storage.Complete;
        Assert.Equal(complete.Select(snapshot => snapshot.Snapshot).Distinct().Count(), complete.Length);
    }

    /// <summary>Also without storage: new epochs are above those in the segments.</summary>
    [Fact]
    public void RecordLost_AllSilosRestarted_ResumesFromMemory_AndEpochsGoOn()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 5);
        cluster.KillTrainer("h1");
        cluster.Train(iterations: 5);
        var committed = cluster.Status.Committed;
        Assert.Equal(new Epoch(2), cluster.Status.Epoch);

        foreach (var host in cluster.Hosts) cluster.KillProcesses(host.Name.Value);
        cluster.LoseRecord();
        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);
        cluster.Train(iterations: 3);

        Assert.True(cluster.Status.Epoch > new Epoch(2));
        Assert.True(cluster.Record.Restore!.Value.Iteration >= committed, cluster.World.Describe());
    }

    /// <summary>
    /// No host knows the newest commit, and no snapshot is whole without a host that lives and cannot halt (a seed of the simulation).
    /// </summary>
    [Fact]
    public void RecordLost_AHostThatHangsHoldsTheOnlyCopies_IsStillTheSource()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 1, standbys: 1);
        cluster.Train(iterations: 5);
        var committed = cluster.Status.Committed;
        foreach (var host in cluster.Hosts) cluster.KillProcesses(host.Name.Value);
        cluster.LoseRecord();
        cluster.HangAt("h2", DirectiveStep.Halt);
        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);

        cluster.RunUntil(() => cluster.Phase == JobPhase.Running && cluster.HostAt(1)?.Name.Value == "s1", "the job to run with s1", 240_000);

        Assert.True(cluster.Record.Restore!.Value.Iteration >= committed, cluster.World.Describe());
    }

    [Fact]
    public void NewJob_EmptyStorage_StartsFromTheBeginning()
    {
        var cluster = Create();
        cluster.RunUntil(JobPhase.Running);
        Assert.Equal((new Epoch(1), default(SnapshotId?)), (cluster.Status.Epoch, cluster.Record.Restore));
    }

    [Fact]
    public void NewJob_StoredSnapshotsAreAllRotten_DoesNotStartOverThem_AndSaysWhy()
    {
        var cluster = Create();
        cluster.Train(iterations: 9);
        cluster.World.Storage.RotNewest();
        Assert.Empty(cluster.World.Storage.Sound);

        BeginAnew(cluster);
        cluster.RunUntil(() => cluster.Phase == JobPhase.Failed, "refusal", 60_000);

        Assert.Contains("is refused", cluster.Status.Reason);
    }

    [Fact]
    public void NoSnapshotAnywhere_FailsWithWhatIsMissing()
    {
        var cluster = Create(standbys: 2, policy: StoragePolicy.Strawman);
        cluster.Train(iterations: 10);

        cluster.KillHost("h1");
        cluster.KillHost("h2");
        cluster.RunUntil(() => cluster.Phase == JobPhase.Failed, "failure", 60_000);

        Assert.Contains("rank 0, 1", cluster.Status.Reason);
        Assert.Contains("persistent storage has no snapshot", cluster.Status.Reason);
    }

    [Fact]
    public void StorageIsFull_TrainingGoesOn_StatusSaysSo_AndItIsTriedAgain()
    {
        var cluster = Create();
        cluster.Train(iterations: 3);
        cluster.World.Storage.IsFull = true;

        cluster.Train(iterations: 50);
        Assert.Equal((Iteration.Zero, new Epoch(1)), (cluster.Status.Persisted, cluster.Status.Epoch));
        Assert.Contains("No space left", cluster.Status.StorageProblem);

        cluster.World.Storage.IsFull = false;
        cluster.Train(iterations: 10);
        Assert.True(cluster.Status.Persisted > Iteration.Zero);
        Assert.Null(cluster.Status.StorageProblem);
    }

    [Fact]
    public void RootComesUpElsewhere_KnowsWhatIsPersisted_AndGoesOn()
    {
        var cluster = Create();
        cluster.Train(iterations: 13);
        var persisted = cluster.Status.Persisted;
        Assert.True(persisted > Iteration.Zero);

        cluster.KillRoot();
        cluster.RunFor(1000);
        cluster.Train(iterations: 12);

        Assert.True(cluster.Status.Persisted > persisted, cluster.World.Describe());
        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
    }

    private static SimulatedJob Create(int standbys = 0, StoragePolicy? policy = null) =>
        new(hosts: 4, replicas: 2, standbys: standbys, storage: policy ?? EveryFive);

    /// <summary>All memory and the record are lost. Only storage knows the job.</summary>
    private static void BeginAnew(SimulatedJob cluster)
    {
        foreach (var host in cluster.Hosts) cluster.KillHost(host.Name.Value);
        cluster.LoseRecord();
        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);
    }
}
