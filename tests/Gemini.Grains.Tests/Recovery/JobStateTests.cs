using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>What is true of a job's phase, directive and record at every moment.</summary>
public sealed class JobStateTests
{
    private static readonly (JobPhase Phase, DirectiveStep Step)[] Possible =
    [
        (JobPhase.Halting, DirectiveStep.Halt), (JobPhase.Replacing, DirectiveStep.Halt), (JobPhase.Failed, DirectiveStep.Halt),
        (JobPhase.Preparing, DirectiveStep.Prepare), (JobPhase.Persisting, DirectiveStep.Prepare), (JobPhase.Failed, DirectiveStep.Prepare),
        (JobPhase.Resuming, DirectiveStep.Run), (JobPhase.Running, DirectiveStep.Run), (JobPhase.Persisting, DirectiveStep.Run),
        (JobPhase.Completed, DirectiveStep.Complete),
    ];

    [Fact]
    public void Enter_EveryPhaseInEveryStep_OnlyThoseThatBelongTogether()
    {
        foreach (var step in Enum.GetValues<DirectiveStep>())
        {
            foreach (var phase in Enum.GetValues<JobPhase>())
            {
                var state = new Parts().State;
                state.Version = new DirectiveVersion(new Epoch(1), step);
                var isPossible = Record.Exception(() => state.Enter(phase, "")) is not InvariantViolatedException;
                Assert.Equal((phase, step, Possible.Contains((phase, step))), (phase, step, isPossible));
            }
        }
    }

    [Fact]
    public void Version_GoesBackOrLeavesTheRecordsEpoch_IsRefused()
    {
        var state = new Parts().At(DirectiveStep.Run, JobPhase.Running).State;

        Assert.Throws<InvariantViolatedException>(() => state.Version = new DirectiveVersion(new Epoch(1), DirectiveStep.Prepare));
        Assert.Throws<InvariantViolatedException>(() => state.Version = new DirectiveVersion(new Epoch(2), DirectiveStep.Halt));
        Assert.Equal(new DirectiveVersion(new Epoch(1), DirectiveStep.Run), state.Version);
    }

    [Fact]
    public void Version_PrepareWithAVacantPositionOrWithoutSizes_IsRefused()
    {
        var vacant = new Parts(record: record => record with { Assignment = record.Assignment.SetItem(2, null) }).State;
        var sizeless = new Parts(record: record => record with { ShardBytes = [] }).State;
        var prepare = new DirectiveVersion(new Epoch(1), DirectiveStep.Prepare);

        Assert.Contains("vacant", Assert.Throws<InvariantViolatedException>(() => vacant.Version = prepare).Message);
        Assert.Contains("sizes", Assert.Throws<InvariantViolatedException>(() => sizeless.Version = prepare).Message);
    }

    [Fact]
    public void Record_ChangesThatAreNone_AreRefused()
    {
        var state = new Parts(record: record => record with { Epoch = new Epoch(5), Abandoned = new Iteration(9), Run = new JobRun() }).State;
        Func<RootRecord, RootRecord>[] changes =
        [
            record => record with { Epoch = new Epoch(4) },
            record => record with { Spec = record.Spec! with { Name = "another" } },
            record => record with { Abandoned = new Iteration(8) },
            record => record with { Assignment = record.Assignment.SetItem(1, Jobs.Host(0)) },
            record => record with { Assignment = record.Assignment.RemoveAt(3) },
            record => record with { ShardBytes = [1] },
            record => record with { Liveness = ["h0:1"] },
            record => record with { Restore = Jobs.Snapshot(7, epoch: 5) },
            record => record with { Persisted = Jobs.Snapshot(7, epoch: 6) },
            record => record with { Recoveries = [Open(epoch: 4), Open(epoch: 5)] },
        ];

        Assert.All(changes, change => Assert.Throws<InvariantViolatedException>(() => state.Record = change(state.Record)));
        state.Record = state.Record with { Epoch = new Epoch(6), Abandoned = default, Restore = Jobs.Snapshot(7, epoch: 5) };
        Assert.Equal(new Epoch(6), state.Record.Epoch);
    }

    [Fact]
    public void Evaluate_InvariantIsViolated_NothingMoreIsDecided()
    {
        var job = Jobs.Spec(hosts: 2, replicas: 2);
        var root = new JobCoordinator(job, new RootRecord { Epoch = new Epoch(1), Assignment = [Jobs.Host(0)] }, new CoordinatorOptions(), now: 0);

        var first = Assert.Throws<InvariantViolatedException>(() => root.Evaluate(now: 10_000));

        Assert.Same(first, Assert.Throws<InvariantViolatedException>(() => root.Evaluate(now: 20_000)));
        Assert.Equal(JobPhase.Failed, root.Phase);
        Assert.Contains("1 positions in a job of 2 hosts", root.Reason);
    }

    private static RecoveryTimeline Open(long epoch) => new() { Epoch = new Epoch(epoch), Reason = "x", Kind = FailureKind.Software };
}
