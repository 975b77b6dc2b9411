using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>A second failure during a recovery, and losses from which memory alone cannot recover.</summary>
public sealed class JobCoordinatorSecondFailureTests
{
    [Theory]
    [InlineData(JobPhase.Halting)]
    [InlineData(JobPhase.Preparing)]
    [InlineData(JobPhase.Resuming)]
    public void HostKilled_N4M2S2_DuringARecovery_BothAreRecoveredFromInOneTimeline(JobPhase phase)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillTrainer("h1");
        cluster.RunUntil(phase);
        cluster.KillHost("h3");
        cluster.Train(iterations: 3);

        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal(FailureKind.Hardware, recovery.Kind);
        Assert.Superset(new HashSet<HostName> { new("h1"), new("h3") }, recovery.Hosts.ToHashSet());
        Assert.Equal(CopySource.Peer, recovery.Source);
        Assert.True(recovery.ResumedIteration >= committed);
        Assert.True(recovery.FailedAt <= recovery.DetectedAt && recovery.ReplacedAt <= recovery.FetchedAt && recovery.LoadedAt <= recovery.ResumedAt);
        Assert.Equal("s1", cluster.HostAt(2)!.Name.Value);
    }

    [Fact]
    public void HostKilled_N4M2_DuringHalt_NoStandby_IsInTheTimeline()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);

        cluster.KillTrainer("h1");
        cluster.RunUntil(JobPhase.Halting);
        cluster.KillHost("h3");
        cluster.RunFor(2_000);
        cluster.Start("h3");
        cluster.Train(iterations: 3);

        Assert.Equal(FailureKind.Hardware, cluster.LastRecovery.Kind);
        Assert.Contains(new HostName("h3"), cluster.LastRecovery.Hosts);
    }

    [Fact]
    public void TrainerKilled_N4M2_DuringPrepare_IsWaitedForWithoutANewEpoch()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        cluster.KillTrainer("h1");
        cluster.RunUntil(JobPhase.Preparing);

        cluster.KillTrainer("h3");
        cluster.Train(iterations: 3);

        Assert.InRange(cluster.Status.Epoch.Value, 2, 3);
        Assert.Single(cluster.Status.Recoveries);
    }

    [Fact]
    public void CopyRejected_N4M2_AtPrepare_TheHostTakesItsPeersInTheSameEpoch()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillTrainer("h4");
        cluster.RunUntil(JobPhase.Halting);
        cluster["h2"].Memory.Rot(new Rank(1));
        cluster.Train(iterations: 3);

        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
    }

    [Fact]
    public void CopyRejected_N4M2_AtLoad_TheNextPlanTakesThePeers()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillTrainer("h4");
        cluster.RunUntil(JobPhase.Resuming);
        cluster["h2"].Memory.Rot(new Rank(1));
        cluster.Train(iterations: 3);

        Assert.Equal(CopySource.Peer, cluster.LastRecovery.Source);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.Equal(new Epoch(3), cluster.Status.Epoch);
        Assert.Contains("h2: rank 1 refused its copy of snapshot", cluster.LastRecovery.Reason);
    }

    [Fact]
    public void CopyRejected_N4M2_NoOtherCopyIsGood_FailsAndNamesTheRank()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);

        cluster.KillTrainer("h4");
        cluster.RunUntil(() => cluster.Hosts.All(host => host.Silo!.State.Done == new DirectiveVersion(new Epoch(2), DirectiveStep.Halt)), "all to halt", 10_000);
        foreach (var host in cluster.Hosts) host.Memory.Rot(new Rank(1));
        cluster.RunUntil(JobPhase.Failed);

        Assert.Contains("rank 1", cluster.Status.Reason);
        Assert.InRange(cluster.Status.Epoch.Value, 3, 5);
    }

    [Fact]
    public void GroupLost_N4M2_HostsReturnEmpty_FailsAndNamesTheMissingRanks()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);

        cluster.KillHost("h1");
        cluster.KillHost("h2");
        cluster.RunUntil(JobPhase.Replacing);
        cluster.Start("h1");
        cluster.Start("h2");
        cluster.RunUntil(JobPhase.Failed);

        Assert.Contains("rank 0, 1", cluster.Status.Reason);
        Assert.Equal([0, 1], cluster.Status.Missing!.Ranks.Select(rank => rank.Value));
        cluster.RunFor(20_000);
        Assert.Equal(JobPhase.Failed, cluster.Phase);
        Assert.NotEmpty(cluster["h3"].Memory.Inventory());
    }

    [Fact]
    public void GroupLost_N4M2_InTheFirstEpoch_ANewRootAgentDoesNotStartFromTheBeginning()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);

        foreach (var host in cluster.Hosts) cluster.KillHost(host.Name.Value);
        cluster.RunFor(1_000);
        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);
        cluster.RunUntil(JobPhase.Failed);

        Assert.Contains("no live host holds any replica", cluster.Status.Reason);
        Assert.Equal([0, 1, 2, 3], cluster.Status.Missing!.Ranks.Select(rank => rank.Value));
    }

    [Fact]
    public void GroupLost_N4M2S2_OneSiloReturnsWithItsMemory_GoesOn()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillHost("h1");
        cluster.KillSilo("h2");
        cluster.RunUntil(JobPhase.Failed);
        cluster.RunFor(5_000);
        cluster.Start("h2");
        cluster.Train(iterations: 3);

        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.Equal(["s1", "s2", "h3", "h4"], Enumerable.Range(0, 4).Select(position => cluster.HostAt(position)!.Name.Value));
    }

    [Fact]
    public void HostsOfBothGroupsKilled_N4M2S2_RecoversFromMemory()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillHost("h2");
        cluster.KillHost("h4");
        cluster.Train(iterations: 3);

        Assert.Equal(CopySource.Peer, cluster.LastRecovery.Source);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
    }

    [Fact]
    public void MemoryProblem_N4M2_FailsAndGoesOnWhenItIsGone()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster["h3"].MemoryProblem = "host memory is too small by 12 GiB";

        cluster.RunUntil(JobPhase.Failed);

        Assert.StartsWith("h3: host memory is too small by 12 GiB; there is no standby", cluster.Status.Reason);
        cluster["h3"].MemoryProblem = null;
        cluster.Train(iterations: 3);
        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
    }
}
