using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;
using Gemini.Simulation.Truths;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>A job in which one failure occurs.</summary>
public sealed class JobCoordinatorTests
{
    [Fact]
    public void Start_N4M2_TrainsAndCommitsInEpoch1()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);

        cluster.Train(iterations: 10);

        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
        Assert.Empty(cluster.Status.Recoveries);
        Assert.Equal(4, cluster.Status.CommittedHashes.Length);
        Assert.Equal(new ContentHash(new GoldenRun(worldSize: 4).StateOf(new Rank(2), cluster.Status.Committed)), cluster.Status.CommittedHashes[2]);
    }

    [Fact]
    public void Start_N4M2_OneHostDoesNotCome_WaitsAndSaysForWhom()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.KillHost("h3");

        cluster.RunFor(20_000);

        Assert.Equal(JobPhase.Forming, cluster.Phase);
        Assert.Contains("h3", cluster.Status.Reason);
        cluster.Start("h3");
        cluster.RunUntil(JobPhase.Running);
    }

    /// <summary>Such a number comes from a flipped bit or from a lie. No epoch could follow it.</summary>
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData((1L << 40) + 1)]
    public void Report_EpochThatCannotBe_IsNotFollowed(long epoch)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);
        var impossible = cluster.ReportOf(cluster["h3"]) with { Done = new DirectiveVersion(new Epoch(epoch), DirectiveStep.Halt) };
        cluster.Coordinator!.Observe(impossible, cluster.Now);
        cluster.KillHost("h3");

        cluster.Train(iterations: 3);

        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
    }

    [Fact]
    public void Report_ThatCannotBeEvaluated_TheJobIsFailedAndGoesOnAfterABetterOne()
    {
        var job = Jobs.Spec(hosts: 2, replicas: 2);
        HostReport Report(int host, long sequence) =>
            new() { Host = Jobs.Host(host), Incarnation = 1, Sequence = sequence, SpecFingerprint = job.Fingerprint(), DataEndpoint = $"h{host}:1" };
        var root = new JobCoordinator(job, new RootRecord(), new CoordinatorOptions(), now: 0);
        root.Observe(Report(host: 0, sequence: 1), now: 0);
        root.Observe(Report(host: 1, sequence: 1) with { Store = new StoreReport { Complete = [null!] } }, now: 0);

        var decision = root.Evaluate(now: 0);

        Assert.Empty(decision.Directives);
        Assert.Equal(JobPhase.Failed, root.Status(default, now: 0).Phase);
        Assert.Contains("could not decide", root.Reason);
        root.Observe(Report(host: 1, sequence: 2), now: 1);
        root.Evaluate(now: 1);
        Assert.Equal(JobPhase.Halting, root.Phase);
    }

    [Fact]
    public void TrainerKilled_N4M2_AllResumeFromOwnMemory()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillTrainer("h2");
        cluster.Train(iterations: 3);

        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal(FailureKind.Software, recovery.Kind);
        Assert.Equal(CopySource.Local, recovery.Source);
        Assert.Contains(new HostName("h2"), recovery.Hosts);
        Assert.True(recovery.ResumedIteration >= committed);
        Assert.InRange(recovery.ReachedIteration.Value - recovery.ResumedIteration.Value, 0, 2);
        AssertMonotone(recovery);
    }

    [Fact]
    public void HostKilled_N4M2_StandbyTakesItsPositionAndFetchesFromItsGroup()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillHost("h2");
        cluster.Train(iterations: 3);

        Assert.Equal("s1", cluster.HostAt(1)!.Name.Value);
        var recovery = Assert.Single(cluster.Status.Recoveries);
        Assert.Equal(FailureKind.Hardware, recovery.Kind);
        Assert.Equal(CopySource.Peer, recovery.Source);
        Assert.Equal([new HostName("h2")], recovery.Hosts);
        Assert.True(recovery.ResumedIteration >= committed);
        AssertMonotone(recovery);
    }

    [Fact]
    public void HostKilled_N4M2_NoStandby_WaitsAndGoesOnWhenItReturnsEmpty()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;

        cluster.KillHost("h2");
        cluster.RunUntil(JobPhase.Replacing);
        cluster.RunFor(30_000);

        Assert.Equal(JobPhase.Replacing, cluster.Phase);
        Assert.Contains("position 1", cluster.Status.Reason);
        cluster.Start("h2");
        cluster.Train(iterations: 3);
        Assert.Equal("h2", cluster.HostAt(1)!.Name.Value);
        Assert.Equal(CopySource.Peer, cluster.LastRecovery.Source);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.True(cluster.LastRecovery.ReplacedAt - cluster.LastRecovery.DecidedAt >= 30_000);
    }

    [Fact]
    public void SiloKilled_N4M2_BackWithinGrace_CostsNoEpoch()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);

        cluster.KillSilo("h2");
        cluster.RunFor(5_000);
        Assert.Contains("h2: its silo is away", cluster.Status.Reason);
        cluster.Start("h2");
        cluster.Train(iterations: 5);

        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
        Assert.Empty(cluster.Status.Recoveries);
        Assert.Equal("", cluster.Status.Reason);
    }

    [Fact]
    public void SiloKilled_N4M2_BeyondGrace_IsReplacedAndComesBackAsStandby()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);

        cluster.KillSilo("h2");
        cluster.RunFor(11_000);
        cluster.Train(iterations: 3);

        Assert.Equal("s1", cluster.HostAt(1)!.Name.Value);
        Assert.Equal(FailureKind.Hardware, cluster.LastRecovery.Kind);
        cluster.Start("h2");
        cluster.RunUntil(() => cluster["h2"].Silo!.State.Directive.Version.Epoch == new Epoch(2), "h2 to be told of the epoch", 10_000);
        cluster.Train(iterations: 3);
        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
        Assert.Null(cluster["h2"].Silo!.State.Directive.Position);
    }

    [Fact]
    public void SiloAndTrainerKilled_N4M2_SiloReturns_ItsTrainerIsSeenToBeNew()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);

        cluster.KillTrainer("h2");
        cluster.KillSilo("h2");
        cluster.Start("h2");
        cluster.RunFor(3_000);
        cluster.Train(iterations: 3);

        Assert.Equal(new Epoch(2), cluster.Status.Epoch);
        Assert.Equal(CopySource.Local, cluster.LastRecovery.Source);
    }

    [Fact]
    public void SecondFailure_LongAfterTheFirst_IsDatedByItsOwnSigns()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        cluster.KillTrainer("h2");
        cluster.RunFor(60_000);

        var killedAt = cluster.Now;
        cluster.KillTrainer("h3");
        cluster.RunFor(5_000);

        Assert.Equal(2, cluster.Status.Recoveries.Length);
        Assert.InRange(cluster.LastRecovery.FailedAt, killedAt, killedAt + 500);
        AssertMonotone(cluster.LastRecovery);
    }

    [Fact]
    public void Completion_N4M2_AllFinish_StaysCompletedAcrossRootAgents()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, total: 20);

        cluster.RunUntil(JobPhase.Completed);
        cluster.KillRoot();
        cluster.RunFor(2_000);

        Assert.Equal(JobPhase.Completed, cluster.Phase);
        Assert.Equal(new Iteration(20), cluster.Status.Committed);
        Assert.All(cluster.Hosts, host => Assert.Equal(DirectiveStep.Complete, host.Silo!.State.Done.Step));
    }

    [Fact]
    public void Skipped_N4M2_SilosAway_TrainingGoesOnAndCommitsAgainAfterwards()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var trained = cluster["h2"].Trainers[0]!.Iteration;

        cluster.KillSilo("h2");
        cluster.RunFor(8_000);

        Assert.True(cluster["h2"].Trainers[0]!.Iteration.Value > trained.Value + 5, "training waits for a silo");
        cluster.Start("h2");
        cluster.Train(iterations: 10);
        Assert.Equal(new Epoch(1), cluster.Status.Epoch);
    }

    private static void AssertMonotone(RecoveryTimeline recovery)
    {
        long[] times =
        [
            recovery.FailedAt, recovery.DetectedAt, recovery.DecidedAt, recovery.ReplacedAt, recovery.FetchedAt, recovery.LoadedAt, recovery.ResumedAt,
        ];
        Assert.DoesNotContain(0, times);
        Assert.Equal(times.Order(), times);
    }
}
