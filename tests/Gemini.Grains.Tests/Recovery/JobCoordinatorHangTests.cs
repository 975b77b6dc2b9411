using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Failures that close no connection: a process hangs, freezes, or is cut off.</summary>
public sealed class JobCoordinatorHangTests
{
    private const int StuckFloor = 10_000;
    private const int LoadLimit = 120_000;
    private const int SiloGrace = 30_000;

    [Fact]
    public void TrainerHangs_OthersWaitForIt_IsNamedAfterTheFloorAndReplaced()
    {
        var cluster = Trained();
        cluster.Hang("h2");

        cluster.RunFor(StuckFloor - 1_000);
        Assert.Empty(cluster.Status.Recoveries);
        cluster.Train(iterations: 3);

        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal((FailureKind.Software, "h2"), (recovery.Kind, string.Join(',', recovery.Hosts)));
        Assert.Contains("the others wait for rank 1 on h2", recovery.Reason);
        Assert.InRange(recovery.DetectedAt - recovery.FailedAt, StuckFloor, StuckFloor + 500);
    }

    [Fact]
    public void TrainerAnnouncesAPause_NoVerdictUntilItsLimit()
    {
        const int PauseLimit = 600_000;
        var cluster = Trained();
        cluster["h2"].Trainers[0]!.BeginPause("evaluation", PauseLimit);

        cluster.RunFor(PauseLimit - 1_000);
        Assert.Empty(cluster.Status.Recoveries);
        cluster["h2"].Trainers[0]!.EndPause();
        cluster.Train(iterations: 3);

        Assert.Empty(cluster.Status.Recoveries);
    }

    [Fact]
    public void TrainerAnnouncesPausesOneAfterTheOther_EachHasItsOwnLimit()
    {
        const int PauseLimit = 60_000;
        var cluster = Trained();
        for (var pause = 0; pause < 3; pause++)
        {
            cluster["h2"].Trainers[0]!.BeginPause("evaluation", PauseLimit);
            cluster.RunFor(PauseLimit - 1_000);
        }

        Assert.Empty(cluster.Status.Recoveries);
    }

    [Fact]
    public void TrainerPausesLongerThanItAnnounced_IsAHangFromThenOn()
    {
        const int PauseLimit = 60_000;
        var cluster = Trained();
        cluster["h2"].Trainers[0]!.BeginPause("evaluation", PauseLimit);

        cluster.RunFor(PauseLimit + 1_000);
        cluster.Train(iterations: 3);

        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.InRange(recovery.DetectedAt - recovery.FailedAt, PauseLimit, PauseLimit + 500);
        Assert.Contains("evaluation", recovery.Reason);
    }

    [Fact]
    public void TrainerIsFrozen_DoesNotAnswer_IsNamed()
    {
        var cluster = Trained();
        cluster.Freeze("h3");

        cluster.RunFor(StuckFloor);
        cluster.Train(iterations: 3);

        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal((FailureKind.Software, "h3"), (recovery.Kind, string.Join(',', recovery.Hosts)));
        Assert.Contains("rank 2 on h3 does not answer", recovery.Reason);
    }

    [Fact]
    public void TrainerHangsWhileItLoads_IsNamedAfterTheLoadLimit()
    {
        var cluster = Trained();
        cluster.KillTrainer("h1");
        cluster.RunUntil(JobPhase.Resuming);
        cluster.Hang("h4");

        cluster.RunFor(LoadLimit - 1_000);
        Assert.Equal(JobPhase.Resuming, cluster.Phase);
        cluster.RunUntil(() => cluster.Record.Epoch == new Epoch(3), "the verdict", 3_000);
        Assert.Contains("the others wait for rank 3 on h4", cluster.LastRecovery.Reason);
        cluster.Train(iterations: 3);

        // The process confirms the stop. Its host ends it only when it does not come back for its restore point, and that takes another epoch.
        Assert.Equal(new Epoch(4), cluster.Status.Epoch);
    }

    [Fact]
    public void AllTrainersAreFrozen_AllAreNamed()
    {
        var cluster = Trained();
        foreach (var host in cluster.Hosts) cluster.Freeze(host.Name.Value);

        cluster.RunFor(StuckFloor);
        cluster.Train(iterations: 3);

        Assert.Equal(4, Assert.Single(cluster.Status.Recoveries).Hosts.Length);
    }

    [Fact]
    public void HostIsFrozen_SiloDeadAndTrainersSilent_IsLostAtOnce()
    {
        var cluster = Trained(standbys: 1);
        Freeze(cluster, "h2");

        cluster.RunFor(1_000);

        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal((FailureKind.Hardware, "h2"), (recovery.Kind, string.Join(',', recovery.Hosts)));
        Assert.Contains("its trainers do not answer", recovery.Reason);
        cluster.Train(iterations: 3);
        Assert.Equal("s1", cluster.HostAt(1)!.Name.Value);
    }

    [Fact]
    public void RootsHostIsFrozen_TheNextRootAsksTrainersThatItNeverHeardOf()
    {
        var cluster = Trained(standbys: 1);
        var old = cluster.RootHost.Value;
        Freeze(cluster, old);

        cluster.RunFor(3_000);

        Assert.NotEqual(old, cluster.RootHost.Value);
        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal(FailureKind.Hardware, recovery.Kind);
        Assert.Contains(new HostName(old), recovery.Hosts);
        cluster.Train(iterations: 3);
    }

    [Fact]
    public void SiloAloneIsFrozen_TrainersAnswer_IsAwayUntilTheGraceIsOver()
    {
        var cluster = Trained(standbys: 1);
        cluster.KillSilo("h2");

        cluster.RunFor(SiloGrace - 1_000);
        Assert.Empty(cluster.Status.Recoveries);
        Assert.Contains("h2: its silo is away, its trainers train on", cluster.Status.Reason);
        cluster.RunFor(3_000);

        Assert.Contains("longer than 30 s", Assert.Single(cluster.Status.Recoveries).Reason);
    }

    [Fact]
    public void SiloIsAway_ThenItsTrainersFreezeToo_IsLostWithinASecond()
    {
        var cluster = Trained(standbys: 1);
        cluster.KillSilo("h2");
        cluster.RunFor(5_000);
        Assert.Empty(cluster.Status.Recoveries);
        cluster.Freeze("h2");

        cluster.RunFor(1_500);

        Assert.Equal(FailureKind.Hardware, Assert.Single(cluster.Status.Recoveries).Kind);
    }

    [Fact]
    public void RootAgentPauses_CountsAsAMoment()
    {
        var cluster = Trained();
        cluster.Hang("h2");
        cluster.RunFor(3_000);

        // The root agent's process was frozen for a minute. It saw no step, but it could not have seen one.
        cluster.Pause(60_000);
        cluster.RunFor(SimulatedJob.StepMilliseconds);
        cluster["h2"].Trainers[0]!.Release();
        cluster.RunFor(StuckFloor);

        Assert.Empty(cluster.Status.Recoveries);
    }

    [Fact]
    public void PauseInAnIterationIsLongerThanTheLimits_TheyGrowUntilItPasses()
    {
        var cluster = Trained();
        cluster.World.Evaluation = (cluster.Status.Trained.Next().Next(), LoadLimit + 15_000);

        cluster.RunFor(2 * LoadLimit + 60_000);
        cluster.Train(iterations: 3);

        Assert.InRange(cluster.Status.Epoch.Value, 2, 3);
        Assert.True(cluster.Status.Trained > cluster.World.Evaluation.Value.After);
    }

    [Fact]
    public void PauseInAnIterationNeverEnds_TheStatusNamesTheSettingAfterTheThirdTime()
    {
        var cluster = Trained();
        cluster.World.Evaluation = (cluster.Status.Trained.Next().Next(), 100_000_000);

        cluster.RunFor(15 * 60_000);

        Assert.Equal(JobPhase.Resuming, cluster.Phase);
        Assert.Contains("3 times in a row the job hung after iteration", cluster.Status.Reason);
        Assert.Contains("raise health.loadLimitSeconds (120) in every host's configuration", cluster.Status.Reason);
        Assert.InRange(cluster.Status.Epoch.Value, 4, 5);
    }

    [Fact]
    public void Finished_TrainersMayLeave_AndAreNotAsked()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, total: 20);
        cluster.RunUntil(JobPhase.Completed);
        cluster.KillHost("h3");
        cluster.RunFor(LoadLimit);

        Assert.Equal(JobPhase.Completed, cluster.Phase);
        Assert.Empty(cluster.Status.Recoveries);
    }

    private static SimulatedJob Trained(int standbys = 0)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: standbys);
        cluster.Train(iterations: 10);
        return cluster;
    }

    private static void Freeze(SimulatedJob cluster, string host)
    {
        cluster.Freeze(host);
        cluster.KillSilo(host);
    }
}
