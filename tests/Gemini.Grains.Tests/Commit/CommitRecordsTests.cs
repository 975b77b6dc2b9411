using System.Collections.Immutable;
using Gemini.Grains.Commit;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Commit;

public sealed class CommitRecordsTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 4, replicas: 2);
    private static readonly PlacementPlan Plan = JobPlacement.PlanOf(Job);
    private static readonly SnapshotId Five = Jobs.Snapshot(5);

    [Fact]
    public void Of_LedgersAheadOfReports_EveryShardHasItsCopies()
    {
        var record = CommitRecords.Of(Training());

        Assert.Equal(Five, record.Committed);
        Assert.Equal(["h0 h1", "h1 h0", "h2 h3", "h3 h2"], Holders(record));
        Assert.All(record.Shards, shard => Assert.Empty(shard.Missing));
        Assert.Equal([true, false], record.Shards[0].Copies.Select(copy => copy.IsOwn));
        Assert.Equal((new HostPosition(1), "rack=r1"), (record.Shards[0].Copies[1].Position, record.Shards[0].Copies[1].Domain));
        Assert.Empty(record.SilentGroups);
    }

    [Fact]
    public void Of_AHostIsGone_ItsCopiesCountNoMore()
    {
        var seen = Training();
        var record = CommitRecords.Of(seen with { Live = seen.Live.RemoveAt(1) });

        Assert.Equal(["h0", "h0", "h2 h3", "h3 h2"], Holders(record));
        Assert.Equal(["h1"], record.Shards[0].Missing);
        Assert.Equal(["h1"], record.Shards[1].Missing);
    }

    /// <summary>A ledger from before the recovery may name a position whose host has come back with empty memory.</summary>
    [Fact]
    public void Of_LedgersOfAnEarlierEpoch_CountForNothing()
    {
        var record = CommitRecords.Of(Training() with { Epoch = new Epoch(2) });

        Assert.All(record.Shards, shard => Assert.Empty(shard.Copies));
    }

    [Fact]
    public void Of_ReportsAheadOfLedgers_WhileRecovering()
    {
        var seen = Training() with { Epoch = new Epoch(2), Ledgers = [null, null] };
        var record = CommitRecords.Of(seen with { Live = [Live(0, Jobs.Replicas(Five, 0, 1)), Live(2, Jobs.Replicas(Five, 2, 3)), Live(3, Jobs.Replicas(Five, 3))] });

        Assert.Equal(["h0", "h0", "h2", "h3 h2"], Holders(record));
        Assert.Equal([0, 1], record.SilentGroups);
    }

    [Fact]
    public void Of_ACopyWithAnotherHash_DoesNotCount()
    {
        var rotten = Jobs.Replica(0, Five, salt: 1);
        var seen = Training() with { Ledgers = [null, null] };

        Assert.Equal("h0", Holders(CommitRecords.Of(seen with { Live = [Live(0, [Jobs.Replica(0, Five)]), Live(1, [rotten])] }))[0]);
    }

    [Fact]
    public void Of_RootAgentJustCameUp_TakesTheShardsFromReports()
    {
        var seen = Training() with { Shards = [], Ledgers = [null, null], Epoch = new Epoch(3) };
        var live = Enumerable.Range(0, 4).Select(host => Live(host, [.. Jobs.Replicas(Five, 0, 1, 2, 3), Jobs.Replica(host, Jobs.Snapshot(6, 3))]));

        var record = CommitRecords.Of(seen with { Live = [.. live] });

        Assert.Equal(Five, record.Committed);
        Assert.All(record.Shards, shard => Assert.Equal(4, shard.Copies.Length));
    }

    [Fact]
    public void Of_NothingCommitted_IsEmpty()
    {
        Assert.Null(CommitRecords.Of(Training() with { Committed = default, Shards = [] }).Committed);
        Assert.Empty(CommitRecords.Of(Training() with { Shards = [] }).Shards);
    }

    [Fact]
    public void Of_AVacantPosition_IsMissingByItsNumber()
    {
        var seen = Training() with { Assignment = [Jobs.Host(0), null, Jobs.Host(2), Jobs.Host(3)] };

        Assert.Equal(["position 1"], CommitRecords.Of(seen).Shards[0].Missing);
    }

    private static CommitObservation Training() => new()
    {
        Job = Job,
        Plan = Plan,
        Epoch = new Epoch(1),
        Captured = new Iteration(6),
        Committed = Five.Iteration,
        Shards = Jobs.Replicas(Five, 0, 1, 2, 3),
        Assignment = [.. Job.Hosts.Select(host => (HostName?)host)],
        Live = [.. Enumerable.Range(0, 4).Select(host => Live(host, []))],
        Ledgers = [Ledger(0, 0, 1), Ledger(1, 2, 3)],
    };

    private static GroupLedger Ledger(int group, params int[] ranks) => new(group, new Epoch(1), [.. ranks.Select(rank => new LedgerEntry(
        Jobs.Replica(rank, Five), [.. ranks.Select(position => new HostPosition(position))], Plan.HoldersOf(new HostPosition(rank))))]);

    private static (HostName Host, string Domain, ImmutableArray<Replica> Replicas) Live(int host, ImmutableArray<Replica> replicas) =>
        (Jobs.Host(host), $"rack=r{host}", replicas);

    private static string[] Holders(CommitRecord record) => [.. record.Shards.Select(shard => string.Join(' ', shard.Copies.Select(copy => copy.Host)))];
}
