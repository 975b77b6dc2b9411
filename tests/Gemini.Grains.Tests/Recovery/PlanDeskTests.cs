using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The snapshot from which a halted job resumes, and the hosts for which it waits first.</summary>
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

    private readonly Parts _parts = Recovering();
    private readonly PlanDesk _desk;

    public PlanDeskTests() => _desk = DeskOf(_parts);

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

    /// <summary>A wait costs seconds. Going back behind a commit may cost hours.</summary>
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
    }

    /// <summary>
    /// Perhaps the host is the cause and not its source. So the plan stays until a standby would have had its turn. Then the other copies of the source
    /// still count: perhaps only one of them is bad, and they may be the only ones.
    /// </summary>
    [Fact]
    public void ObserveRejection_BySameHost_FourAttempts_ThenTheOlderSnapshotOfTheSource_ThenBehindTheCommit()
    {
        var tried = Enumerable.Range(0, 9).Select(_ => Attempt(fetcher: "h2", inSource: [Jobs.Snapshot(6), Jobs.Snapshot(5)])).ToList();

        Assert.Equal([6, 6, 6, 6, 5, 5, 5, 5, 4], tried);
        _desk.ObserveCommit();
        Assert.Equal(6, Attempt(fetcher: "h2", inSource: [Jobs.Snapshot(6)]));
    }

    [Fact]
    public void ObserveRejection_ByTheHostAndByTheStandbyAfterIt_TheSourceIsTheCause()
    {
        Assert.Equal(5, Attempt(fetcher: "h2", inSource: [Jobs.Snapshot(5)]));
        _parts.State.Record = _parts.State.Record with { Assignment = _parts.State.Record.Assignment.SetItem(2, new HostName("s2")) };
        Assert.Equal(5, Attempt(fetcher: "s2", inSource: [Jobs.Snapshot(5)]));
        Assert.Equal(4, Attempt(fetcher: "s2", inSource: [Jobs.Snapshot(5)]));
    }

    /// <summary>Rank 3's copy is wanted by another host, which can get it.</summary>
    [Fact]
    public void ObserveRejection_TheOtherCopiesOfTheSource_StillCount()
    {
        for (var attempt = 0; attempt < 4; attempt++) Assert.Equal(5, Attempt(fetcher: "h2", inSource: [Jobs.Snapshot(5)]));
        _parts.Report("h2", report => report with { Replicas = Jobs.Replicas(Jobs.Snapshot(5), 2) });

        var plan = _desk.Evaluate(AfterGrace).Plan!;

        Assert.Equal(Jobs.Snapshot(5), plan.Restore);
        Assert.Equal(["h2", "s1"], new[] { plan.Shards[2].Sources[0].Value, plan.Shards[3].Sources[0].Value });
    }

    /// <summary>
    /// Memory has the snapshot before the commit. Storage has the committed one, so the job waits for a look into storage. But a store may hang.
    /// </summary>
    [Fact]
    public void Evaluate_MemoryIsBehindTheCommit_WaitsForALookIntoStorage_ButNotForLong()
    {
        var (parts, desk) = WithStorage();
        Report(parts, iteration: 4);
        var grace = (long)parts.State.Health.SiloGrace.TotalMilliseconds;

        var waiting = desk.Evaluate(now: 1000 + grace);
        var atLast = desk.Evaluate(now: 1001 + grace);

        Assert.True(waiting.IsWaiting);
        Assert.Contains("to look into persistent storage", waiting.Reason);
        Assert.Equal((Jobs.Snapshot(4), CopySource.Local), (atLast.Plan!.Restore, atLast.Plan.Source));
    }

    [Theory]
    [InlineData(3, 4, CopySource.Local)]
    [InlineData(4, 4, CopySource.Local)]
    [InlineData(5, 5, CopySource.Storage)]
    public void Evaluate_MemoryIsBehindTheCommit_StorageOnlyIfItsSnapshotIsNewer(long stored, long restored, CopySource source)
    {
        var (parts, desk) = WithStorage();
        Report(parts, iteration: 4, Jobs.Snapshot(stored));

        var plan = desk.Evaluate(now: 1000).Plan!;

        Assert.Equal((Jobs.Snapshot(restored), source), (plan.Restore, plan.Source));
    }

    [Fact]
    public void Evaluate_MemoryHasTheCommit_StorageIsNotWaitedFor()
    {
        var (parts, desk) = WithStorage();
        Report(parts, iteration: 5);

        Assert.Equal(CopySource.Local, desk.Evaluate(now: 1000).Plan!.Source);
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

    private long AfterGrace => 1001 + (long)_parts.State.Health.SiloGrace.TotalMilliseconds;

    /// <summary>
    /// An epoch whose plan this host cannot carry out: the hosts have iteration 4, and s1, which does not halt, has newer snapshots of all ranks. Returns
    /// the iteration of the plan.
    /// </summary>
    private long Attempt(string fetcher, ImmutableArray<SnapshotId> inSource)
    {
        _parts.State.Record = _parts.State.Record with { Epoch = _parts.State.Record.Epoch.Next() };
        _parts.At(DirectiveStep.Halt, JobPhase.Halting);
        Report(iteration: 4);
        _parts.Report("s2", report => report with { Replicas = Jobs.Replicas(Jobs.Snapshot(4), 2, 3) });
        _parts.Report("s1", report => report with { Done = default, Replicas = [.. inSource.SelectMany(snapshot => Jobs.Replicas(snapshot, 0, 1, 2, 3))] });
        var plan = _desk.Evaluate(AfterGrace).Plan!;
        _desk.Accept(plan, _parts.State.Record.ShardBytes);
        // The root agent looks again while it pauses before the next attempt. That is no further failure.
        _desk.ObserveRejection([new HostName(fetcher)]);
        _desk.ObserveRejection([new HostName(fetcher)]);
        return plan.Restore!.Value.Iteration.Value;
    }

    private static Parts Recovering(Func<JobSpec, JobSpec>? configure = null) =>
        new Parts(configure: configure, record: record => record with { Epoch = new Epoch(2), Committed = new Iteration(5), Recoveries = [Decided] })
            .At(DirectiveStep.Halt, JobPhase.Halting);

    private static (Parts Parts, PlanDesk Desk) WithStorage()
    {
        var parts = Recovering(job => job with { Storage = new StoragePolicy() });
        return (parts, DeskOf(parts));
    }

    private static PlanDesk DeskOf(Parts parts) => new(parts.State, parts.Roster, parts.Commits, new DutyWatch(parts.State, parts.Roster));

    /// <summary>By the placement of four hosts with two replicas: hosts 0 and 1 hold ranks 0 and 1, hosts 2 and 3 hold ranks 2 and 3.</summary>
    /// <param name="parts">The hosts of these parts report.</param>
    /// <param name="iteration">The iteration that is whole in host memory.</param>
    /// <param name="stored">The snapshot in storage; null: no host has looked yet.</param>
    private static void Report(Parts parts, long iteration, SnapshotId? stored = null)
    {
        var store = stored is not { } snapshot ? null : new StoreReport
        {
            LookedIn = parts.State.Record.Epoch,
            Complete = [new StoredSnapshot(snapshot, [.. Enumerable.Range(0, 4).Select(rank => new StoredShard(new Rank(rank), new ContentHash(7), 100, 10))])],
        };
        for (var host = 0; host < 4; host++)
        {
            var replicas = Jobs.Replicas(Jobs.Snapshot(iteration), host / 2 * 2, (host / 2 * 2) + 1);
            parts.Report($"h{host}", report => report with { Replicas = replicas, Store = store });
        }
    }

    private void Report(long iteration) => Report(_parts, iteration);
}
