using Gemini.Grains.Hosts;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>What a host reports, when it reports, and when its silo ends.</summary>
public sealed class WorkerAgentReportTests : IDisposable
{
    private readonly HostBench _host = new()
    {
        Identity = new HostIdentity(Jobs.Host(0), 5, "h0:1", "http://h0:2") { ProcessId = 44, Labels = [new(Jobs.Host(0), "rack", "r1")] },
    };

    private readonly AgentOnBench _agent;

    public WorkerAgentReportTests() => _agent = new AgentOnBench(_host);

    private WorkerAgent Agent => _agent.Agent;

    private IEnumerable<long> Times => _host.ControlPlane.Reports.Select(report => report.At);

    public void Dispose() => _agent.Dispose();

    [Fact]
    public void NothingChanges_ReportsEverySecond_EachWithAGreaterSequence()
    {
        _agent.Start();
        _host.RunFor(2_500);

        Assert.Equal([0, 1_000, 2_000], Times);
        Assert.Equal([1, 2, 3], _host.ControlPlane.Reports.Select(report => report.Report.Sequence));
    }

    /// <summary>Whatever a report depends on is reported at once, and not with the next regular report.</summary>
    [Theory]
    [InlineData("state")]
    [InlineData("trainer")]
    [InlineData("shard size")]
    [InlineData("damage")]
    [InlineData("storage")]
    [InlineData("background")]
    [InlineData("link")]
    [InlineData("leave")]
    public void SomethingChanges_ReportsAtOnce(string what)
    {
        _host.Hold(Jobs.Snapshot(1), 0);
        _agent.RunEpoch(1);
        _host.RunFor(300);
        var before = _host.ControlPlane.Reports.Count;

        _host.Run(() => Change(what));

        Assert.InRange(_host.ControlPlane.Reports.Count, before + 1, before + 2);
        Assert.Equal(_host.Now, Times.Last());
    }

    /// <summary>One report tells a new root agent everything.</summary>
    [Fact]
    public void Report_IsTheWholeStateOfTheHost()
    {
        _agent.RunEpoch(1);
        _host.Hold(Jobs.Snapshot(3), 0);
        _host.Memory.Seal(Jobs.Replica(1, Jobs.Snapshot(2)));
        _host.Memory.Quarantine(new Rank(1), Jobs.Snapshot(2), "chunk 3");
        (_host.Memory.MemoryBytes, _host.Storage.StagedBytes, _host.Memory.Warning) = (4_000, 500, "the folder was emptied");
        _host.Memory.Leftovers = [new LeftoverCopies(default, 2, default, 99)];
        (_host.Trainers.Problem, _host.Trainers.Warning) = ("no such program", "killed again and again");
        _host.Storage.StoreReport = new StoreReport { LookedIn = new Epoch(1) };
        _host.Run(() => Agent.CommitAsync(new Epoch(1), new Iteration(3)));

        var report = _agent.Report();

        Assert.Equal((Jobs.Host(0), 5L, "h0:1", "http://h0:2", 44), (report.Host, report.Incarnation, report.DataEndpoint, report.WebEndpoint, report.SiloProcessId));
        Assert.Equal((_host.Job.Fingerprint(), HostBench.TheRun, new HostPosition(0)), (report.SpecFingerprint, report.Run, report.Position));
        Assert.Equal((HostBench.Version(1, DirectiveStep.Prepare), new Epoch(1), new Iteration(3)), (report.Done, report.EpochFloor, report.Committed));
        Assert.Equal([Jobs.Replica(0, Jobs.Snapshot(3))], report.Replicas);
        Assert.Equal([new QuarantinedCopy(Jobs.Host(0), new Rank(1), Jobs.Snapshot(2), "chunk 3")], report.Quarantined);
        Assert.Equal((1, 4_500L, 100_500L), (report.QuarantinedCount, report.MemoryBytes, report.RoomBytes));
        Assert.Equal(("no such program", "killed again and again", "the folder was emptied"), (report.Problem, report.TrainerWarning, report.MemoryWarning));
        Assert.Equal((_host.Memory.Leftovers, _host.Storage.StoreReport), (report.Leftovers, report.Store));
        Assert.Equal((7L, 11L, "rack"), (report.Transfers.SentBytes, report.ManagedBytes, Assert.Single(report.Labels).Name));
    }

    /// <summary>The job may have no record. Then the hosts say what the job is, until they know an epoch.</summary>
    [Fact]
    public void Report_BeforeTheFirstEpoch_HasTheSpecification_AndNotLater()
    {
        _agent.Start();
        Assert.Same(_host.Job, _agent.LastReport.Spec);
        Assert.Null(_agent.LastReport.Position);

        Assert.Null(_agent.Direct(_host.Directive(DirectiveStep.Halt)).Spec);
    }

    [Fact]
    public void Report_PlanCannotBeCarriedOut_SaysWhichAndWhy()
    {
        _agent.Start();
        _host.Copies.Set("h1:1", FetchResult.SourceRefused);

        _agent.Direct(_host.Directive(DirectiveStep.Prepare, epoch: 2, Jobs.Snapshot(5), 1));

        Assert.Equal(HostBench.Version(2, DirectiveStep.Prepare), _agent.LastReport.NeedsNewPlan);
        Assert.Contains("h1 (h1:1): says SourceRefused", _agent.LastReport.NewPlanReason);
    }

    /// <summary>The host's own problem has priority, because the trainers' problem often follows from it.</summary>
    [Fact]
    public void Report_OwnProblem_HidesThatOfTheTrainers()
    {
        _host.Trainers.Problem = "no such program";
        _host.Memory.BudgetProblem = "the shards need 3 GB more";
        _agent.Start();
        _agent.Direct(_host.Directive(DirectiveStep.Prepare));
        Assert.Equal("the shards need 3 GB more", _agent.LastReport.Problem);

        _host.Memory.BudgetProblem = null;
        _host.RunFor(200);

        Assert.Equal("no such program", _agent.LastReport.Problem);
    }

    [Fact]
    public void Report_AGuestIsRefused_NamesItsOwner()
    {
        _host.Memory.NoRoomFor.Add(new Rank(3));
        _agent.Start();
        _agent.Direct(_host.Directive(DirectiveStep.Halt));
        _agent.Direct(Guests());

        Assert.Equal([new Rank(3)], _agent.LastReport.GuestsRefused);
    }

    [Fact]
    public void LoopFails_IsTriedAgain_AndTheOthersGoOn()
    {
        var attempts = 0;
        _host.Background.Loops = [new HostLoop("Scrubbing", _ => ++attempts < 3 ? Task.FromException(new IOException("disk")) : Never())];
        _agent.Start();
        _host.RunFor(2_500);

        Assert.Equal(3, attempts);
        Assert.Equal([0, 1_000, 2_000], Times);
        Assert.False(_agent.HasEnded);
        Assert.Equal(["Scrubbing failed; trying again: IOException: disk"], _host.Log.All);
    }

    [Fact]
    public void RootAgentRefusesTheHost_TheSiloEnds_AsARefusal()
    {
        _host.ControlPlane.Answer = _ => Task.FromException<HostDirective>(new JobMismatchException("h0 is configured for another job"));

        _agent.Start();

        Assert.Equal(new HostLoopEnd("h0 is configured for another job", IsRefusal: true), _agent.End);
    }

    /// <summary>The answer of the root agent contradicts itself. Another attempt would take the same answer.</summary>
    [Fact]
    public void AnswerContradictsItself_TheSiloEnds_AndSaysWhichLoopFoundIt()
    {
        _host.ControlPlane.Answer = _ => Task.FromResult(_host.Directive(DirectiveStep.Halt) with { Restore = Jobs.Snapshot(5) });

        _agent.Start();

        Assert.False(_agent.End!.IsRefusal);
        Assert.StartsWith("Reporting to the root agent has ended: ", _agent.End.Reason, StringComparison.Ordinal);
        Assert.Contains("has a plan before there is one", _agent.End.Reason);
    }

    [Fact]
    public void BackgroundLoopEnds_TheSiloEnds()
    {
        _host.Background.Loops = [new HostLoop("Scrubbing", _ => throw new InvariantViolatedException("a slot has two owners"))];

        _agent.Start();

        Assert.StartsWith("Scrubbing has ended: ", _agent.End!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelled_EndsWithoutAReason()
    {
        _agent.Start();
        Assert.False(_agent.HasEnded);

        _host.Stop();

        Assert.Equal((true, null), (_agent.HasEnded, _agent.End));
    }

    private static Task Never() => new TaskCompletionSource().Task;

    private HostDirective Guests() => _host.Directive(DirectiveStep.Halt) with { Guests = [new GuestCopy(Jobs.Replica(3, Jobs.Snapshot(5)), [Jobs.Host(1)])] };

    private void Change(string what)
    {
        switch (what)
        {
            case "state": Agent.CommitAsync(new Epoch(1), new Iteration(3)); break;
            case "trainer": _host.Trainers.Tell(new TrainerReport { LocalIndex = 0, State = TrainerState.Exited }); break;
            case "shard size": Agent.DeclareShardAsync(new Rank(0), 1000); break;
            case "damage": _host.Memory.Quarantine(new Rank(0), Jobs.Snapshot(1), "chunk 3"); break;
            case "storage": _host.Storage.Tell(new PersistReport { Snapshot = Jobs.Snapshot(1), Stage = PersistStage.Stored }); break;
            case "background": _host.Background.Tell(new ScrubReport(Copies: 1)); break;
            case "link": _host.Links.Opened[0].Fail("refused"); break;
            case "leave": _host.State.Leave(); break;
            default: throw new ArgumentOutOfRangeException(nameof(what), what, "no such change");
        }
    }
}
