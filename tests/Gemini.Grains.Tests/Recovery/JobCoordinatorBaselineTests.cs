using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The paper's baselines: recovery reads from storage, whatever host memory holds.</summary>
public sealed class JobCoordinatorBaselineTests
{
    [Fact]
    public void TrainerDies_MemoryHasEverything_ResumesFromStorage()
    {
        var cluster = Create(every: 5);
        cluster.Train(iterations: 23);
        var persisted = cluster.Status.Persisted;

        cluster.KillTrainer("h2");
        cluster.Train(iterations: 3);

        Assert.Equal((CopySource.Storage, persisted), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
        Assert.Equal(FailureKind.Software, cluster.LastRecovery.Kind);
        Assert.InRange(persisted.Value, 10, 20);
    }

    [Fact]
    public void HostDies_TheStandbyResumesFromStorage_AndSavingGoesOn()
    {
        var cluster = Create(every: 5, standbys: 1);
        cluster.Train(iterations: 23);
        var persisted = cluster.Status.Persisted;

        cluster.KillHost("h2");
        cluster.Train(iterations: 12);

        Assert.Equal((CopySource.Storage, persisted), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
        Assert.True(cluster.Status.Persisted > persisted, cluster.World.Describe());
    }

    [Fact]
    public void NothingIsPersistedYet_StartsFromTheBeginning()
    {
        var cluster = Create(every: 1000);
        cluster.Train(iterations: 8);

        cluster.KillTrainer("h1");
        cluster.Train(iterations: 3);

        Assert.Equal((CopySource.None, Iteration.Zero), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
    }

    private static SimulatedJob Create(long every, int standbys = 0) =>
        new(hosts: 4, replicas: 1, standbys, storage: new StoragePolicy { EveryIterations = every },
            configure: job => job with { Mode = CheckpointMode.Strawman });
}
