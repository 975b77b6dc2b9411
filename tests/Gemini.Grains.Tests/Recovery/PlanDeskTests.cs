using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>What a halted job resumes from, and for whom it waits first.</summary>
public sealed class PlanDeskTests
{
    private static readonly RecoveryTimeline Decided = new()
    {
        Epoch = new Epoch(1),
        Reason = "x",
        Kind = FailureKind.Hardware,
        DecidedAt = 1000,
        FailedAt = 900,
        DetectedAt = 950,
    };

    private readonly Parts _parts = new Parts(record: record => record with { Epoch = new Epoch(2), Committed = new Iteration(5), Recoveries = [Decided] })
        .At(DirectiveStep.Halt, JobPhase.Halting);

    private readonly PlanDesk _desk;

    public PlanDeskTests() => _desk = new PlanDesk(_parts.State, _parts.Roster, _parts.Commits, new DutyWatch(_parts.State, _parts.Roster));

    [Fact]
    public void Evaluate_WholeInMemory_IsThePlan_AndKeepsWhatItsSourcesServe()
    {
        Report(iteration: 5);

        var choice = _desk.Evaluate(now: 1000);

        Assert.Equal((Jobs.Snapshot(5), CopySource.Local), (choice.Plan!.Restore, choice.Plan.Source));
        Assert.Null(_desk.ShardOf(new Rank(1)));
        _desk.Accept(choice.Plan, _parts.State.Record.ShardBytes);
        Assert.Equal(Jobs.Host(1), _desk.ShardOf(new Rank(1))!.Sources[0]);
        Assert.False(_desk.IsFromStorage);
        _desk.BeginEpoch();
        Assert.Null(_desk.ShardOf(new Rank(1)));
    }

    /// <summary>To wait costs seconds, and to go back behind a commit may cost hours.</summary>
    [Fact]
    public void Evaluate_BehindTheCommitWhileAStandbyHasYetToHalt_Waits()
    {
        Report(iteration: 4);
        _parts.Report("s1", report => report with { Done = default, Replicas = Jobs.Replicas(Jobs.Snapshot(5), 0, 1, 2, 3) });
        var grace = (long)_parts.State.Health.SiloGrace.TotalMilliseconds;

        var waiting = _desk.Evaluate(now: 1000 + grace);
        var atLast = _desk.Evaluate(now: 1001 + grace);

        Assert.True(waiting.IsWaiting);
        Assert.Contains("waiting for s1", waiting.Reason);
        Assert.Equal(Jobs.Snapshot(5), atLast.Plan!.Restore);
        _desk.Accept(atLast.Plan, _parts.State.Record.ShardBytes);
        _desk.ObserveRejection([Jobs.Host(2)]);
        Assert.Equal(Jobs.Snapshot(4), _desk.Evaluate(now: 1001 + grace).Plan!.Restore);
    }

    [Fact]
    public void Evaluate_NothingWhole_SaysWhatIsMissing()
    {
        Report(iteration: 5);
        _parts.Report("h2", report => report with { Replicas = [] });
        _parts.Report("h3", report => report with { Replicas = Jobs.Replicas(Jobs.Snapshot(5), 3) });

        var choice = _desk.Evaluate(now: 1000);

        Assert.Null(choice.Plan);
        Assert.False(choice.IsWaiting);
        Assert.Equal([2], choice.Missing!.Ranks.Select(rank => rank.Value));
    }

    [Fact]
    public void Accept_PlanOfMixedSnapshots_IsAMistake()
    {
        Report(iteration: 5);
        var plan = _desk.Evaluate(now: 1000).Plan!;
        var mixed = plan with { Shards = plan.Shards.SetItem(1, plan.Shards[1] with { Replica = Jobs.Replica(1, Jobs.Snapshot(4)) }) };

        Assert.Throws<InvariantViolatedException>(() => _desk.Accept(mixed, _parts.State.Record.ShardBytes));
        Assert.Throws<InvariantViolatedException>(() => _desk.Accept(plan with { Shards = plan.Shards.RemoveAt(3) }, _parts.State.Record.ShardBytes));
    }

    /// <summary>By the placement of four hosts with two replicas: the hosts 0 and 1 hold ranks 0 and 1, the others ranks 2 and 3.</summary>
    private void Report(long iteration)
    {
        for (var host = 0; host < 4; host++)
            _parts.Report($"h{host}", report => report with { Replicas = Jobs.Replicas(Jobs.Snapshot(iteration), host / 2 * 2, (host / 2 * 2) + 1) });
    }
}
