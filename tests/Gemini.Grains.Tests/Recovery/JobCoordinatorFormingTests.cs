using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Which job it is, and which hosts take part: hosts with another configuration, and lost records.</summary>
public sealed class JobCoordinatorFormingTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 3, replicas: 2);
    private static readonly JobSpec Odd = Job with { Replicas = 3, Trainer = "gemini-trainer --seed 2" };
    private static readonly JobRun Run = new(new Guid(7, 0, 0, new byte[8]), WorldSize: 3);

    [Fact]
    public void Record_HasSpecificationAndRunFromTheFirstStartOn()
    {
        var root = Root(Job, new RootRecord { Run = Run });

        Report(root, Fresh(0, Job), Fresh(1, Job), Fresh(2, Job));

        Assert.Equal(Job.Fingerprint(), root.Record.Spec!.Fingerprint());
        Assert.Equal(Run, root.Record.Run);
        Assert.Equal(Run, root.DirectiveFor(Jobs.Host(1)).Run);
        Assert.False(root.Record.IsRebuilt);
    }

    [Fact]
    public void Record_CountsAndNotTheRootAgentsOwnConfiguration()
    {
        var root = Root(Odd, Started);

        Report(root, Fresh(0, Job), Fresh(1, Job), Fresh(2, Job));

        Assert.Equal(3, root.LiveHosts.Count());
        Assert.Equal(2, root.Status(default, 0).Job.Replicas);
    }

    [Fact]
    public void OddHost_WithARecord_IsRefusedWithExactlyWhatDiffersAndBothValues()
    {
        var root = Root(Job, Started);

        var error = Assert.Throws<JobMismatchException>(() => root.Observe(Fresh(1, Odd), now: 0));

        Assert.Contains("The configuration of host h1", error.Message);
        Assert.Contains("job.replicas is \"2\" in the job's record and \"3\" there", error.Message);
        Assert.Contains("trainer is absent in the job's record and \"gemini-trainer --seed 2\" there", error.Message);
        Assert.Contains("gemini respecify --config FILE", error.Message);
        Assert.DoesNotContain("job.hosts", error.Message);
        Assert.DoesNotContain("job.placement", error.Message);
        Assert.Empty(root.LiveHosts);
    }

    [Fact]
    public void OtherStandbys_AreNoReasonToRefuseAHost()
    {
        var root = Root(Job, Started);

        root.Observe(Fresh(1, Job with { Standbys = [new HostName("s9")] }), now: 0);

        Assert.Equal([Jobs.Host(1)], root.LiveHosts);
    }

    [Fact]
    public void OddHost_BeforeTheFirstStart_IsWaitedForAndEndsNobody()
    {
        var root = Root(Job, new RootRecord { Run = Run });

        Report(root, Fresh(0, Job), Fresh(1, Odd), Fresh(2, Job));

        Assert.Equal(JobPhase.Forming, root.Phase);
        Assert.Contains("the configuration of h1 differs", root.Reason);
        Assert.Contains("job.replicas is \"2\" here and \"3\" there", root.Reason);
        Assert.False(root.IsOdd);
        Report(root, Fresh(1, Job) with { Incarnation = 2 });
        Assert.Equal(JobPhase.Halting, root.Phase);
    }

    [Fact]
    public void RootAgentsHostIsTheOddOne_WritesTheOthersSpecificationAndLeaves()
    {
        var root = Root(Odd, new RootRecord { Run = Run });

        Report(root, Fresh(3, Odd), Fresh(0, Job), Fresh(1, Job), Fresh(2, Job));

        Assert.True(root.IsOdd);
        Assert.Equal(Job.Fingerprint(), root.Record.Spec!.Fingerprint());
        Assert.Equal(Epoch.Zero, root.Record.Epoch);
    }

    /// <summary>Hosts that were odd one after the other never formed a job together.</summary>
    [Fact]
    public void OddHosts_OneAfterTheOther_HaveNoSay_IfTheFirstIsDeadOrSilent()
    {
        var told = Root(Job, new RootRecord { Run = Run });
        Report(told, Fresh(2, Job), Fresh(0, Odd));
        told.Observe([new MemberView(Jobs.Host(0), Incarnation: 1, Dead: true)], now: 0);
        Report(told, Fresh(1, Odd), Fresh(2, Odd));

        var silent = Root(Job, new RootRecord { Run = Run });
        Report(silent, Fresh(0, Odd));
        silent.Observe(Fresh(1, Odd), now: 3000);
        silent.Observe(Fresh(2, Odd), now: 3000);
        silent.Evaluate(now: 3000);

        Assert.False(told.IsOdd);
        Assert.False(silent.IsOdd);
    }

    /// <summary>The root agent has written the other hosts' specification, and still serves reports until it has left.</summary>
    [Fact]
    public void RootAgentsHostIsTheOddOne_UntilItHasLeft_RefusesNobody()
    {
        var root = Root(Odd, new RootRecord { Run = Run });
        Report(root, Fresh(3, Odd), Fresh(0, Job), Fresh(1, Job), Fresh(2, Job));
        Assert.True(root.IsOdd);

        Report(root, Fresh(0, Job) with { Sequence = 2 }, Fresh(1, Job) with { Sequence = 2 });

        Assert.Equal(Epoch.Zero, root.Record.Epoch);
    }

    [Fact]
    public void RecordLost_WhileTheJobRuns_AnOddRootAgentLeavesAndWritesNothing()
    {
        var root = Root(Odd, new RootRecord { Run = Run });
        var running = Fresh(0, Job) with { Spec = null, Done = new DirectiveVersion(new Epoch(4), DirectiveStep.Run) };

        Report(root, Fresh(3, Odd), running);

        Assert.True(root.IsOdd);
        Assert.Null(root.Record.Spec);
    }

    /// <summary>h2 is lost and s1 has its position. There is no record any more, and all silos are new.</summary>
    [Fact]
    public void RecordLost_AStandbyHeldAPosition_ItKeepsIt()
    {
        var root = Root(Job, new RootRecord { Run = Run with { Id = Guid.Empty } });
        var (one, two) = (Holder(0, 0, 1), Holder(1, 1, 0));
        var standby = Holder(2, 2, 0) with { Host = new HostName("s1") };

        Report(root, one, two, standby);
        Assert.Equal(JobPhase.Forming, root.Phase);
        Assert.Contains("waiting for h2", root.Reason);
        root.Evaluate(now: 60_000);

        Assert.Equal([Jobs.Host(0), Jobs.Host(1), new HostName("s1")], root.Record.Assignment.Select(host => host!.Value));
        Assert.Equal(Run, root.Record.Run);
        Assert.True(root.Record.IsRebuilt);
        // Epochs that only halted have left no trace, so a margin keeps them from beginning again.
        Assert.Equal(new Epoch(1003), root.Record.Epoch);
    }

    [Fact]
    public void RecordLost_WhileTheSilosLive_EveryHostKeepsThePositionItWasTold()
    {
        var root = Root(Job, new RootRecord());
        var run = new DirectiveVersion(new Epoch(3), DirectiveStep.Run);
        HostReport At(int host, int position) => Holder(host, 0, 1, 2) with { Done = run, Position = new HostPosition(position) };

        Report(root, At(0, 2), At(1, 0), At(2, 1));

        Assert.Equal([Jobs.Host(1), Jobs.Host(2), Jobs.Host(0)], root.Record.Assignment.Select(host => host!.Value));
    }

    [Fact]
    public void RecordLost_AHoleInMemory_IsFailedAndNamesTheRanksAndDiscardsNothing()
    {
        var root = Root(Job, new RootRecord());
        Report(root, Holder(0, 0), Holder(1, 0), Fresh(2, Job));
        var halted = new DirectiveVersion(root.Record.Epoch, DirectiveStep.Halt);

        Report(root, [.. ((HostReport[])[Holder(0, 0), Holder(1, 0), Fresh(2, Job)]).Select(report => report with { Done = halted, Sequence = 2 })]);
        root.Evaluate(now: 600_000);

        Assert.Equal(JobPhase.Failed, root.Phase);
        Assert.Contains("rank 1, 2", root.Reason);
        Assert.Equal(DirectiveStep.Halt, root.DirectiveFor(Jobs.Host(0)).Version.Step);
    }

    /// <summary>Nothing is captured yet. One live trainer was told to stop for an epoch that nothing else remembers.</summary>
    [Fact]
    public void RecordLost_ATrainerWasToldOfALaterEpoch_TheNewEpochIsAboveIt()
    {
        var root = Root(Job, new RootRecord());

        Report(root, Fresh(0, Job), Told(Fresh(1, Job), trainer: 4), Fresh(2, Job));

        Assert.Equal(new Epoch(5), root.Record.Epoch);
    }

    [Fact]
    public void RecordLost_AHostWasToldOfALaterEpochAndHasNotHaltedForIt_TheNewEpochIsAboveIt()
    {
        var root = Root(Job, new RootRecord());

        Report(root, Fresh(0, Job), Fresh(1, Job) with { EpochFloor = new Epoch(4) }, Fresh(2, Job));

        Assert.Equal(new Epoch(5), root.Record.Epoch);
    }

    /// <summary>The trainer connects to its new silo only after the epoch has begun.</summary>
    [Fact]
    public void RecordLost_ATrainerOfALaterEpochComesBackLate_AnEpochAboveItBegins()
    {
        var root = Root(Job, new RootRecord());
        Report(root, Fresh(0, Job), Fresh(1, Job), Fresh(2, Job));
        Assert.Equal(new Epoch(1), root.Record.Epoch);

        Report(root, Told(Fresh(1, Job), trainer: 4) with { Sequence = 2 });

        Assert.Equal(new Epoch(5), root.Record.Epoch);
        Assert.Contains("h1 was told of epoch 4, which the record does not know", root.Reason);
        Assert.Equal(new DirectiveVersion(new Epoch(5), DirectiveStep.Halt), root.DirectiveFor(Jobs.Host(0)).Version);
    }

    /// <summary>The store was set back to an older record, and hosts run a later epoch: none of their commits would count.</summary>
    [Fact]
    public void RecordIsOlderThanWhatHostsRun_ALaterEpochBegins()
    {
        var root = Root(Job, Started);
        var run = new DirectiveVersion(new Epoch(3), DirectiveStep.Run);

        Report(root, [.. Enumerable.Range(0, 3).Select(host => Fresh(host, Job) with { Spec = null, Done = run, EpochFloor = run.Epoch })]);

        Assert.Equal(new Epoch(4), root.Record.Epoch);
        Assert.Equal(JobPhase.Halting, root.Phase);
    }

    /// <summary>No epoch could follow an impossible one, and no job ever had it.</summary>
    [Fact]
    public void ATrainerThatNamesAnImpossibleEpoch_IsNotFollowed()
    {
        var root = Root(Job, new RootRecord());

        Report(root, Fresh(0, Job), Told(Fresh(1, Job), trainer: Epoch.Maximum.Value + 1), Fresh(2, Job));

        Assert.Equal(new Epoch(1), root.Record.Epoch);
    }

    [Fact]
    public void RecordLost_SnapshotsOfARunOfAnotherSize_TheJobDoesNotBeginBesideThem()
    {
        var root = Root(Job, new RootRecord { Run = Run });
        var stranger = Fresh(1, Job) with { Run = new JobRun(Run.Id, WorldSize: 5), Replicas = Jobs.Replicas(Jobs.Snapshot(100, 3), 4) };

        Report(root, Fresh(0, Job), stranger, Fresh(2, Job));
        root.Evaluate(now: 600_000);

        Assert.Equal(JobPhase.Forming, root.Phase);
        Assert.Contains("h1 holds snapshot 100@3 of a run with 5 ranks; the configuration says 3", root.Reason);
    }

    [Fact]
    public void Record_OfARunThatIsKnown_LeftoversOfAnotherDoNotHoldTheJobUp()
    {
        var root = Root(Job, Started);
        var leftovers = Fresh(1, Job) with { Leftovers = [new LeftoverCopies(new JobRun(new Guid(1, 0, 0, new byte[8]), 5), 1, Jobs.Snapshot(100, 3), 4096)] };

        Report(root, Fresh(0, Job), leftovers, Fresh(2, Job));

        Assert.Equal(JobPhase.Halting, root.Phase);
    }

    [Fact]
    public void TwoSilosOfOneName_AtTwoAddresses_TheOlderOneKeepsItWhileItReports()
    {
        var root = Root(Job, Started);
        var (older, newer) = (Fresh(1, Job), Fresh(1, Job) with { Incarnation = 2, DataEndpoint = "elsewhere:1" });
        root.Observe(older, now: 0);

        var refused = Assert.Throws<HostNameTakenException>(() => root.Observe(newer, now: 2000));

        Assert.False(refused.IsDisplaced);
        Assert.Contains("\"h1\" at elsewhere:1", refused.Message);
        Assert.Contains("runs at data:1", refused.Message);
        Assert.Equal(1, root.DirectiveFor(Jobs.Host(1)).Incarnation);
    }

    [Fact]
    public void TwoSilosOfOneName_TheOlderOneIsSilent_TheNewerOneTakesItsPlaceAndTheOlderOneIsTold()
    {
        var root = Root(Job, Started);
        var (older, newer) = (Fresh(1, Job), Fresh(1, Job) with { Incarnation = 2, DataEndpoint = "elsewhere:1" });
        root.Observe(older, now: 0);
        root.Observe(newer, now: 3000);

        var displaced = Assert.Throws<HostNameTakenException>(() => root.Observe(older with { Sequence = 2 }, now: 3100));

        Assert.True(displaced.IsDisplaced);
        Assert.Equal(2, root.DirectiveFor(Jobs.Host(1)).Incarnation);
    }

    [Fact]
    public void ASiloThatIsStartedAgainAtItsAddress_HasItsNameAtOnce()
    {
        var root = Root(Job, Started);
        root.Observe(Fresh(1, Job), now: 0);

        root.Observe(Fresh(1, Job) with { Incarnation = 2 }, now: 10);
        root.Observe(Fresh(1, Job) with { Sequence = 9 }, now: 20);

        Assert.Equal(2, root.DirectiveFor(Jobs.Host(1)).Incarnation);
    }

    private static RootRecord Started { get; } = new()
    {
        Epoch = new Epoch(1),
        Spec = Job,
        Run = Run,
        Assignment = [.. Job.Hosts.Select(host => (HostName?)host)],
    };

    private static JobCoordinator Root(JobSpec own, RootRecord record) => new(own, record, new CoordinatorOptions(), now: 0);

    private static void Report(JobCoordinator root, params HostReport[] reports)
    {
        foreach (var report in reports) root.Observe(report, now: 0);
        root.Evaluate(now: 0);
    }

    private static HostReport Fresh(int host, JobSpec spec) => new()
    {
        Host = Jobs.Host(host),
        Incarnation = 1,
        Sequence = 1,
        SpecFingerprint = spec.Fingerprint(),
        Spec = spec,
        DataEndpoint = $"data:{host}",
    };

    private static HostReport Told(HostReport report, long trainer) => report with
    {
        Trainers = [new TrainerReport { LocalIndex = 0, State = TrainerState.Waiting, EpochFloor = new Epoch(trainer) }],
    };

    private static HostReport Holder(int host, params int[] ranks) =>
        Fresh(host, Job) with { Run = Run, Replicas = Jobs.Replicas(Jobs.Snapshot(7, epoch: 3), ranks) };
}
