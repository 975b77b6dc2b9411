using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Hosts that are told to stop: if all are told, they save first; if one is told, it leaves.</summary>
public sealed class JobCoordinatorLeavingTests
{
    [Fact]
    public void AllHostsAreToldToStop_TheNewestSnapshotIsInStorageBeforeOneLeaves_AndTheNextStartGoesOnFromIt()
    {
        var cluster = Create();
        cluster.Train(iterations: 20);
        var committed = cluster.Status.Committed;

        StopAll(cluster);
        cluster.RunUntil(() => cluster.Hosts.All(host => host.Silo is null), "all to leave", 10_000);

        var saved = cluster.World.Storage.Complete[0].Snapshot;
        Assert.True(saved.Iteration >= committed, $"{saved}, committed {committed}");
        Assert.Empty(cluster.Record.Recoveries);
        foreach (var host in cluster.Hosts) cluster.KillHost(host.Name.Value);
        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);
        cluster.Train(iterations: 3);
        Assert.Equal((CopySource.Storage, saved.Iteration), (cluster.LastRecovery.Source, cluster.LastRecovery.ResumedIteration));
    }

    [Fact]
    public void AllHostsAreToldToStop_InTheMiddleOfARecovery_TheSnapshotIsSavedAllTheSame()
    {
        var cluster = Create();
        cluster.Train(iterations: 20);
        cluster.KillTrainer("h2");
        cluster.RunUntil(JobPhase.Halting);

        StopAll(cluster);
        cluster.RunUntil(() => cluster.Hosts.All(host => host.Silo is null), "all to leave", 10_000);

        Assert.True(cluster.World.Storage.Complete[0].Snapshot.Iteration.Value >= 20);
    }

    [Fact]
    public void AllHostsAreToldToStop_StorageIsAway_TheyWait_AndLeaveOnceItIsBack()
    {
        var cluster = Create();
        cluster.Train(iterations: 20);
        cluster.World.Storage.IsFull = true;

        StopAll(cluster);
        cluster.RunFor(10_000);
        Assert.All(cluster.Hosts, host => Assert.NotNull(host.Silo));
        Assert.Equal(JobPhase.Persisting, cluster.Phase);
        Assert.Contains("No space left on device", cluster.Status.Reason);

        cluster.World.Storage.IsFull = false;
        cluster.RunUntil(() => cluster.Hosts.All(host => host.Silo is null), "all to leave", 10_000);
        Assert.True(cluster.World.Storage.Complete[0].Snapshot.Iteration.Value >= 20);
    }

    [Fact]
    public void AllHostsAreToldToStop_AShardIsLost_TheyLeaveAndSayThatNothingIsSaved()
    {
        var cluster = Create();
        cluster.Train(iterations: 20);
        cluster.KillHost("h1");
        cluster.RunUntil(JobPhase.Replacing);

        foreach (var host in cluster.Hosts.Where(host => host.Silo is not null)) cluster.TellToStop(host.Name.Value);
        LeaveDirective? word = null;
        cluster.RunUntil(() => (word ??= cluster["h2"].Silo?.State.Directive.Leave) is not null, "a word to h2", 10_000);
        cluster.RunUntil(() => cluster.Hosts.All(host => host.Silo is null), "all to leave", 10_000);

        Assert.Equal(LeaveCause.NotSaved, word!.Cause);
        Assert.Contains("position 0", word.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OneHostIsToldToStop_LeavesSoon_AStandbyTakesOver_AndTheRecoveryIsPlanned(bool hasStorage)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1, storage: hasStorage ? StoragePolicy.Strawman : null);
        cluster.Train(iterations: 20);

        cluster.TellToStop("h2");
        cluster.RunUntil(() => cluster["h2"].Silo is null, "h2 to leave", (int)LeavePlanner.Settling.TotalMilliseconds + 500);
        cluster.Train(iterations: 3);

        Assert.Equal((FailureKind.Planned, CopySource.Peer), (cluster.LastRecovery.Kind, cluster.LastRecovery.Source));
        Assert.Equal("s1", cluster.HostAt(1)!.Name.Value);
        Assert.Empty(cluster.World.Storage.Complete);
    }

    [Fact]
    public void AllHostsAreToldToStop_WithoutStorage_LeaveAtOnce()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 20);

        StopAll(cluster);

        cluster.RunUntil(() => cluster.Hosts.All(host => host.Silo is null), "all to leave", 500);
    }

    [Fact]
    public void AHostIsToldToStop_BeforeTheJobBegins_LeavesSoon()
    {
        var cluster = Create();
        foreach (var host in cluster.Hosts) cluster.KillHost(host.Name.Value);
        cluster.Start("h1");
        cluster.TellToStop("h1");

        cluster.RunUntil(() => cluster["h1"].Silo is null, "h1 to leave", 5_000);
    }

    [Fact]
    public void Completed_EveryHostKnows_BeforeOneMayLeave()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1, total: 20);
        var words = new HashSet<LeaveCause>();
        cluster.AfterStep = () =>
        {
            foreach (var host in cluster.Hosts)
            {
                if (host.Silo!.State.Directive.Leave is not { } word) continue;
                words.Add(word.Cause);
                Assert.All(cluster.Hosts, each => Assert.Equal(DirectiveStep.Complete, each.Silo!.State.Done.Step));
            }
        };

        cluster.RunUntil(JobPhase.Completed);
        cluster.RunFor(1_000);

        Assert.Equal([LeaveCause.Completed], words);
    }

    [Fact]
    public void Failed_HostsMayLeaveOnlyWhenItHasLasted()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 2);
        cluster.Train(iterations: 10);
        cluster.KillHost("h1");
        cluster.KillHost("h2");
        cluster.RunUntil(JobPhase.Failed);

        cluster.RunFor((int)LeavePlanner.FailedForGood.TotalMilliseconds - 1_000);
        Assert.Null(cluster["h3"].Silo!.State.Directive.Leave);
        cluster.RunFor(2_000);

        Assert.Equal(LeaveCause.Failed, cluster["h3"].Silo!.State.Directive.Leave!.Cause);
        Assert.Contains("rank 0, 1", cluster["h3"].Silo!.State.Directive.Leave!.Reason);
    }

    private static SimulatedJob Create() => new(hosts: 4, replicas: 2, storage: StoragePolicy.Strawman);

    private static void StopAll(SimulatedJob cluster)
    {
        foreach (var host in cluster.Hosts) cluster.TellToStop(host.Name.Value);
    }
}
