using Gemini.Grains.Health;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Jobs that train and commit nothing, and the progress that the status shows during a failure.</summary>
public sealed class JobCoordinatorCommitsTests
{
    private static readonly CoordinatorOptions Quick = new() { Health = new HealthOptions { CommitFloor = TimeSpan.FromSeconds(5) } };

    /// <summary>Like a dead sender: only another epoch makes a new one.</summary>
    [Fact]
    public void Replication_HasEndedForTheEpoch_AnotherEpochIsBegunAndLosesAlmostNothing()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, options: Quick);
        cluster.Train(iterations: 10);

        cluster.AfterStep = () => cluster.World.HoldsReplication = cluster.Record.Epoch.Value == 1;
        cluster.RunUntil(() => cluster.Record.Epoch.Value == 2, "a second epoch", 60_000);
        cluster.Train(iterations: 10);

        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
        Assert.Equal((FailureKind.Software, CopySource.Local), (cluster.LastRecovery.Kind, cluster.LastRecovery.Source));
        Assert.Empty(cluster.LastRecovery.Hosts);
        Assert.Contains("every rank has captured iteration", cluster.LastRecovery.Reason);
        Assert.InRange(cluster.LastRecovery.IterationsLost, 0, 2);
    }

    [Fact]
    public void Replication_IsAwayForGood_EpochsBecomeRare()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, options: Quick);
        cluster.Train(iterations: 10);

        cluster.AfterStep = () => cluster.World.HoldsReplication = true;
        cluster.RunFor(600_000);

        // Ten minutes: the waits are 10, 20, 40, 80, 160 and 320 s.
        Assert.InRange(cluster.Status.Epoch.Value, 4, 7);
        Assert.Equal(JobPhase.Running, cluster.Phase);
        Assert.True(cluster.Status.CommitSilenceMilliseconds > 30_000);
    }

    /// <summary>Trainers reuse the slots of an abandoned iteration, so the next root agent must not commit it.</summary>
    [Fact]
    public void IterationIsGivenUp_TheNextRootAgentHearsThatItIsComplete_IsNotCommitted()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, options: Quick);
        cluster.Train(iterations: 10);
        cluster.World.HoldsReplication = true;
        cluster.RunUntil(() => cluster.Record.Abandoned > Iteration.Zero, "an iteration to be given up", 60_000);

        var (record, before) = (cluster.Record, cluster.Status.Committed);
        var next = new JobCoordinator(cluster.Job, record, Quick, cluster.Now);
        foreach (var host in cluster.Hosts) next.Observe(cluster.ReportOf(host), cluster.Now);
        next.Evaluate(cluster.Now);
        Assert.Equal(JobPhase.Running, next.Phase);
        foreach (var group in cluster.World.Placement.Groups) Complete(cluster, next, group, new SnapshotId(record.Abandoned, record.Epoch));

        Assert.Equal(before, next.Status(default, cluster.Now).Committed);
    }

    /// <summary>
    /// The root agent before this one told one host of a commit, and the trainers there overwrote the snapshot before it. That host reports late
    /// (simulation seed 302484).
    /// </summary>
    [Fact]
    public void NewRootAgentRuns_AHostThatIsHeardOfLateKnowsANewerCommit_ItCounts()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var next = new JobCoordinator(cluster.Job, cluster.Record, new CoordinatorOptions(), cluster.Now);
        foreach (var host in cluster.Hosts) next.Observe(cluster.ReportOf(host), cluster.Now);
        next.Evaluate(cluster.Now);
        Assert.Equal(JobPhase.Running, next.Phase);
        var newer = next.Committed.Iteration.Next();

        next.Observe(cluster.ReportOf(cluster.Hosts[0]) with { Committed = newer }, cluster.Now);

        Assert.Equal(newer, next.Committed.Iteration);
    }

    /// <summary>The root agent before this one may have committed a newer iteration that no host knows.</summary>
    [Fact]
    public void NewRootAgent_HearsOfACommitThatHostsKnow_TellsNobodyAgain()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        cluster.RunUntil(() => cluster.Hosts.All(host => host.Silo!.State.Committed == cluster.Status.Committed), "every host to know the commit", 1_000);

        var (record, committed) = (cluster.Record, cluster.Status.Committed);
        var next = new JobCoordinator(cluster.Job, record, new CoordinatorOptions(), cluster.Now);
        foreach (var host in cluster.Hosts) next.Observe(cluster.ReportOf(host), cluster.Now);
        next.Evaluate(cluster.Now);
        Assert.Equal(committed, next.Status(default, cluster.Now).Committed);
        foreach (var group in cluster.World.Placement.Groups) Complete(cluster, next, group, new SnapshotId(committed, record.Epoch));

        Assert.Null(next.Evaluate(cluster.Now).Commit);
        Assert.Equal(cluster.Job.WorldSize, next.Committed.Shards.Length);
        foreach (var group in cluster.World.Placement.Groups) Complete(cluster, next, group, new SnapshotId(committed.Next(), record.Epoch));
        Assert.Equal(committed.Next(), next.Evaluate(cluster.Now).Commit);
    }

    [Fact]
    public void Commits_KeepUp_TheirSilenceIsShort()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, options: Quick);
        cluster.Train(iterations: 50);

        Assert.InRange(cluster.Status.CommitSilenceMilliseconds, 0, 1000);
        Assert.Equal((1, 1), (cluster.Status.SaveInterval, Math.Max(1, cluster.Status.RanksApart)));
        Assert.Empty(cluster.Status.Recoveries);
    }

    [Fact]
    public void Progress_HostIsLost_NeverFallsBackUntilTheJobRunsAgain()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 30);
        var before = cluster.Status;

        cluster.KillHost("h2");
        cluster.RunUntil(() => cluster.Phase != JobPhase.Running, "the failure to be seen", 60_000);
        cluster.RunUntil(
            () =>
            {
                var now = cluster.Status;
                Assert.True(now.Phase == JobPhase.Running || now.Trained >= before.Trained, $"{now.Phase}: trained {now.Trained} after {before.Trained}");
                Assert.True(now.Phase == JobPhase.Running || now.Captured >= before.Captured, $"{now.Phase}: captured {now.Captured} after {before.Captured}");
                AssertInOrder(now);
                return now.Phase == JobPhase.Running;
            },
            "the job to run again",
            60_000);
    }

    [Fact]
    public void Progress_NewRootAgentOfAJobThatIsHalted_IsWhatTheRecordSays()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 30);
        var committed = cluster.Status.Committed;
        cluster.KillHost("h2");
        cluster.RunUntil(JobPhase.Replacing);

        cluster.KillRoot();
        cluster.RunUntil(() => cluster.Coordinator is not null, "another root agent", 10_000);

        AssertInOrder(cluster.Status);
        Assert.True(cluster.Status.Trained >= committed);
    }

    [Fact]
    public void Progress_CompletedJobIsStartedAgain_IsItsLastIteration()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, total: 40);
        cluster.RunUntil(JobPhase.Completed);
        foreach (var host in cluster.Hosts) cluster.KillHost(host.Name.Value);
        cluster.RunFor(1000);

        foreach (var host in cluster.Hosts) cluster.Start(host.Name.Value);
        cluster.RunUntil(() => cluster.Coordinator is not null, "another root agent", 10_000);

        Assert.Equal(
            (new Iteration(40), new Iteration(40), new Iteration(40)), (cluster.Status.Trained, cluster.Status.Captured, cluster.Status.Committed));
    }

    private static void AssertInOrder(JobStatus status)
    {
        Assert.True(status.Trained >= status.Captured, $"trained {status.Trained}, captured {status.Captured}");
        Assert.True(status.Captured >= status.Committed, $"captured {status.Captured}, committed {status.Committed}");
    }

    private static void Complete(SimulatedJob cluster, JobCoordinator root, PlacementGroup group, SnapshotId snapshot)
    {
        var shards = group.Members.SelectMany(cluster.Job.RanksOf).Select(rank => Jobs.Replica(rank.Value, snapshot));
        root.ObserveComplete(group.Index, snapshot.Epoch, snapshot, [.. shards]);
    }
}
