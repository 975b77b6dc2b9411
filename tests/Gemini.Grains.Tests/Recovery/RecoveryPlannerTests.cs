using System.Collections.Immutable;
using CsCheck;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class RecoveryPlannerTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 4, replicas: 2);
    private static readonly SnapshotId Five = Jobs.Snapshot(5);

    [Fact]
    public void Plan_NothingLost_EveryHostTakesItsOwn()
    {
        var plan = Plan(Inventories(Five, 0, 1, 2, 3), committed: 5).Plan!;

        Assert.Equal(Five, plan.Restore);
        Assert.Equal(CopySource.Local, plan.Source);
        Assert.Equal(["h0 h1", "h1 h0", "h2 h3", "h3 h2"], Sources(plan));
    }

    /// <summary>Paper §6.2: machines 2 and 4 of {1,2},{3,4} are lost; 2' fetches from 1 and 4' from 3.</summary>
    [Fact]
    public void Plan_N4M2_OneHostOfEachGroupLost_ReplacementsFetchFromTheirGroup()
    {
        var inventories = Inventories(Five, 0, 2);
        HostName replacement1 = new("s1"), replacement3 = new("s2");
        inventories[replacement1] = inventories[replacement3] = [];

        var (plan, reason, missing) = RecoveryPlanner.Plan(Job, [Jobs.Host(0), replacement1, Jobs.Host(2), replacement3], inventories, new Iteration(5));

        Assert.Equal(["h0", "h0", "h2", "h2"], Sources(plan!));
        Assert.Equal(CopySource.Peer, plan!.Source);
        Assert.Contains("peers", reason);
        Assert.Null(missing);
    }

    [Fact]
    public void Plan_N4M2_AWholeGroupLost_IsRefusedAndNamesTheRanks()
    {
        var (plan, reason, missing) = Plan(Inventories(Five, 2, 3), committed: 5);

        Assert.Null(plan);
        Assert.Contains("iteration 5 was committed", reason);
        Assert.Contains("rank 0, 1", reason);
        AssertMissing(missing, Five, 0, 1);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(1 << 20)]
    public void Plan_OneCopyClaimsAnOwnerThatDoesNotExist_TheSnapshotIsTakenWithoutIt(int owner)
    {
        var inventories = Inventories(Five, 0, 1, 2, 3);
        inventories[Jobs.Host(1)] = [.. inventories[Jobs.Host(1)].Select(copy => copy.Owner == new Rank(0) ? copy with { Owner = new Rank(owner) } : copy)];

        var plan = Plan(inventories, committed: 5).Plan!;

        Assert.Equal(Five, plan.Restore);
        Assert.Equal(["h0", "h1 h0", "h2 h3", "h3 h2"], Sources(plan));
    }

    [Fact]
    public void Plan_AnOwnerThatDoesNotExistStandsInForAMissingRank_TheOlderWholeSnapshotIsTaken()
    {
        var inventories = Inventories(Jobs.Snapshot(4), 0, 1, 2, 3);
        inventories[Jobs.Host(0)] = [.. inventories[Jobs.Host(0)], .. Jobs.Replicas(Five, 0, 1, 2, 4)];

        var plan = Plan(inventories, committed: 4).Plan!;

        Assert.Equal(Jobs.Snapshot(4), plan.Restore);
    }

    [Fact]
    public void Plan_NotKnownWhatWasCommitted_NeverStartsFromTheBeginning()
    {
        var inventories = Inventories(Five, 2, 3);

        var (plan, reason, missing) = RecoveryPlanner.Plan(Job, Job.Hosts, inventories, committed: null);

        Assert.Null(plan);
        Assert.Contains("record was lost", reason);
        Assert.Contains("rank 0, 1", reason);
        AssertMissing(missing, Five, 0, 1);
    }

    [Fact]
    public void Plan_EverythingLost_SaysSo()
    {
        var (plan, reason, missing) = Plan([], committed: 5);

        Assert.Null(plan);
        Assert.Contains("no live host holds any replica", reason);
        AssertMissing(missing, null, 0, 1, 2, 3);
    }

    [Fact]
    public void Plan_NothingEverCommitted_StartsFromTheBeginning()
    {
        var plan = Plan(Inventories(Five, 2, 3), committed: 0).Plan!;

        Assert.Null(plan.Restore);
        Assert.Equal(CopySource.None, plan.Source);
        Assert.Empty(plan.Shards);
    }

    [Fact]
    public void Plan_NewerSnapshotWholeButNotCommitted_IsTaken()
    {
        var inventories = Merge(Inventories(Five, 0, 1, 2, 3), Inventories(Jobs.Snapshot(6), 0, 1, 2, 3));

        Assert.Equal(Jobs.Snapshot(6), Plan(inventories, committed: 5).Plan!.Restore);
    }

    [Fact]
    public void Plan_SameIterationOfTwoEpochs_AreNeverMixed()
    {
        var inventories = Merge(
            Merge(Inventories(Jobs.Snapshot(6, epoch: 1), 0, 1), Inventories(Jobs.Snapshot(6, epoch: 2), 2, 3)),
            Inventories(Five, 0, 1, 2, 3));

        Assert.Equal(Five, Plan(inventories, committed: 5).Plan!.Restore);
    }

    [Fact]
    public void Plan_SameIterationWholeInTwoEpochs_TheLaterIsTaken()
    {
        var inventories = Merge(Inventories(Jobs.Snapshot(6, epoch: 1), 0, 1, 2, 3), Inventories(Jobs.Snapshot(6, epoch: 2), 0, 1, 2, 3));

        Assert.Equal(Jobs.Snapshot(6, epoch: 2), Plan(inventories, committed: 5).Plan!.Restore);
    }

    [Fact]
    public void Plan_CopiesDisagree_OnlyHoldersOfTheChosenHashAreSources()
    {
        var job = Jobs.Spec(hosts: 3, replicas: 3);
        var good = Jobs.Replicas(Five, 0, 1, 2);
        var inventories = new Dictionary<HostName, ImmutableArray<Replica>>
        {
            [Jobs.Host(0)] = [Jobs.Replica(0, Five, salt: 1), .. good[1..]],
            [Jobs.Host(1)] = good,
            [Jobs.Host(2)] = good,
        };

        var plan = RecoveryPlanner.Plan(job, [.. job.Hosts], inventories, new Iteration(5)).Plan!;

        Assert.Equal(good[0], plan.Shards[0].Replica);
        Assert.Equal([Jobs.Host(1), Jobs.Host(2)], plan.Shards[0].Sources);
        Assert.Equal(CopySource.Peer, plan.Source);
    }

    /// <summary>Random holdings. The oracle tries every snapshot and every shard.</summary>
    [Fact]
    public void Plan_RandomHoldings_TakesTheNewestWholeOne()
    {
        var holding = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[1, 3], Gen.Int[1, 2]);
        Gen.Select(holding.List[0, 40], Gen.Int[0, 3]).Sample((holdings, committed) =>
        {
            var inventories = holdings
                .Select(held => (Host: Jobs.Host(held.Item1), Replica: Jobs.Replica(held.Item2, Jobs.Snapshot(held.Item3, held.Item4))))
                .Distinct()
                .GroupBy(held => held.Host)
                .ToDictionary(host => host.Key, host => host.Select(held => held.Replica).ToImmutableArray());
            var oracle = from iteration in Enumerable.Range(1, 3)
                         from epoch in Enumerable.Range(1, 2)
                         let snapshot = Jobs.Snapshot(iteration, epoch)
                         where Enumerable.Range(0, 4).All(rank => inventories.Values.Any(held => held.Contains(Jobs.Replica(rank, snapshot))))
                         orderby snapshot
                         select (SnapshotId?)snapshot;

            var (plan, _, missing) = RecoveryPlanner.Plan(Job, [.. Job.Hosts], inventories, new Iteration(committed));

            var expected = oracle.LastOrDefault();
            Assert.Equal(expected is null && committed > 0, plan is null);
            Assert.Equal(plan is null, missing is { Ranks.IsEmpty: false });
            if (plan is null) return;
            Assert.Equal(expected, plan.Restore);
            foreach (var (shard, rank) in plan.Shards.Select((shard, rank) => (shard, rank)))
            {
                Assert.Equal(Jobs.Replica(rank, expected!.Value), shard.Replica);
                Assert.Equal(inventories.Where(host => host.Value.Contains(shard.Replica)).Select(host => host.Key).Order(), shard.Sources.Order());
                if (shard.Sources.Contains(Jobs.Host(rank))) Assert.Equal(Jobs.Host(rank), shard.Sources[0]);
            }
        });
    }

    private static void AssertMissing(MissingShards? missing, SnapshotId? snapshot, params int[] ranks)
    {
        Assert.Equal(snapshot, missing!.Snapshot);
        Assert.Equal(ranks, missing.Ranks.Select(rank => rank.Value));
    }

    private static (RecoveryPlan? Plan, string Reason, MissingShards? Missing) Plan(Dictionary<HostName, ImmutableArray<Replica>> inventories, long committed) =>
        RecoveryPlanner.Plan(Job, [.. Job.Hosts], inventories, new Iteration(committed));

    /// <summary>The copies of these hosts by the placement.</summary>
    private static Dictionary<HostName, ImmutableArray<Replica>> Inventories(SnapshotId snapshot, params int[] hosts)
    {
        var placement = MixedPlacement.Create(Job.HostCount, Job.Replicas);
        return hosts.ToDictionary(Jobs.Host, host =>
            Jobs.Replicas(snapshot, [host, .. placement.HeldBy(new HostPosition(host)).Select(owner => owner.Value)]));
    }

    private static Dictionary<HostName, ImmutableArray<Replica>> Merge(
        Dictionary<HostName, ImmutableArray<Replica>> left, Dictionary<HostName, ImmutableArray<Replica>> right) =>
        left.Keys.Union(right.Keys).ToDictionary(host => host, host => left.GetValueOrDefault(host, []).AddRange(right.GetValueOrDefault(host, [])));

    private static IEnumerable<string> Sources(RecoveryPlan plan) => plan.Shards.Select(shard => string.Join(' ', shard.Sources));
}
