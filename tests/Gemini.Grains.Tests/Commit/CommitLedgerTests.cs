using System.Collections.Immutable;
using CsCheck;
using Gemini.Grains.Commit;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Commit;

public sealed class CommitLedgerTests
{
    private static readonly HostPosition First = new(0);
    private static readonly HostPosition Second = new(1);
    private static readonly SnapshotId Five = Jobs.Snapshot(5);

    private readonly CommitLedger _ledger = Ledger(hosts: 4, replicas: 2, group: 0);

    [Fact]
    public void Announce_EveryExpectedHolder_Completes()
    {
        Assert.Empty(Announce(First, 1, Jobs.Replicas(Five, 0, 1)).Complete);

        var complete = Assert.Single(Announce(Second, 1, Jobs.Replicas(Five, 0, 1)).Complete);

        Assert.Equal(Five, complete.Snapshot);
        Assert.Equal(Jobs.Replicas(Five, 0, 1), complete.Shards);
    }

    [Fact]
    public void Announce_CompleteAgain_IsSaidAgain()
    {
        Announce(First, 1, Jobs.Replicas(Five, 0, 1));
        Announce(Second, 1, Jobs.Replicas(Five, 0, 1));

        Assert.Single(Announce(First, 1, Jobs.Replicas(Five, 0)).Complete);
    }

    [Fact]
    public void Announce_OneShardHasOneHolderLess_IsNotComplete()
    {
        Announce(First, 1, Jobs.Replicas(Five, 0, 1));

        Assert.Empty(Announce(Second, 1, Jobs.Replicas(Five, 1)).Complete);
    }

    [Fact]
    public void Announce_EpochOlderThanTheNewest_ChangesNothing()
    {
        Announce(First, 2, Jobs.Replicas(Five, 0, 1));

        Announce(Second, 1, Jobs.Replicas(Five, 0, 1));

        Assert.All(_ledger.Entries(), entry => Assert.Equal([First], entry.Holders));
        Assert.Equal(new Epoch(2), _ledger.Epoch);
    }

    [Fact]
    public void Announce_NewEpoch_StartsEmpty()
    {
        Announce(First, 1, Jobs.Replicas(Five, 0, 1));

        Assert.Empty(Announce(Second, 2, Jobs.Replicas(Five, 0, 1)).Complete);
        Assert.Single(Announce(First, 2, Jobs.Replicas(Five, 0, 1)).Complete);
    }

    [Fact]
    public void Announce_SnapshotOfAFutureEpoch_IsIgnored()
    {
        Announce(First, 1, Jobs.Replicas(Jobs.Snapshot(5, epoch: 2), 0, 1));

        Assert.Empty(_ledger.Entries());
    }

    [Fact]
    public void Announce_StrangersAndShardsOfOtherGroups_AreIgnored()
    {
        Announce(new HostPosition(2), 1, Jobs.Replicas(Five, 0, 1));
        Announce(First, 1, Jobs.Replicas(Five, 2, 3));

        Assert.Empty(_ledger.Entries());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Announce_HolderDisagreesWithOwner_OwnersWordCountsInAnyOrder(bool ownerFirst)
    {
        ImmutableArray<Replica> wrong = [Jobs.Replica(0, Five, salt: 1), Jobs.Replica(1, Five)];
        if (ownerFirst) Announce(First, 1, Jobs.Replicas(Five, 0, 1));
        var outcome = Announce(Second, 1, wrong);
        if (!ownerFirst) outcome = Announce(First, 1, Jobs.Replicas(Five, 0, 1));

        Assert.Empty(outcome.Complete);
        var entry = _ledger.Entries().Single(entry => entry.Replica.Owner == new Rank(0));
        Assert.Equal(Jobs.Replica(0, Five), entry.Replica);
        Assert.Equal([First], entry.Holders);
        Assert.Equal([First, Second], entry.Expected);
        Assert.Single(Announce(Second, 1, Jobs.Replicas(Five, 0, 1)).Complete);
    }

    [Fact]
    public void Announce_HolderDisagreesWithOwner_IsAConflict()
    {
        Announce(First, 1, Jobs.Replicas(Five, 0, 1));

        var conflict = Assert.Single(Announce(Second, 1, [Jobs.Replica(0, Five, salt: 1)]).Conflicts);

        Assert.Equal((new Rank(0), Five, Second), (conflict.Owner, conflict.Snapshot, conflict.Holder));
        Assert.Equal(Jobs.Replica(0, Five).Hash, conflict.Expected);
    }

    [Fact]
    public void Announce_Skipped_IsPassedOn() =>
        Assert.Equal([new Iteration(6)], _ledger.Announce(First, new Epoch(1), [], [new Iteration(6)]).Skipped);

    [Fact]
    public void Announce_MoreSnapshotsThanRetained_TheOldestAreForgotten()
    {
        for (var iteration = 1; iteration <= 10; iteration++) Announce(First, 1, Jobs.Replicas(Jobs.Snapshot(iteration), 0));

        Assert.Equal([10, 9, 8, 7], _ledger.Entries().Select(entry => entry.Replica.Snapshot.Iteration.Value));
    }

    [Fact]
    public void Announce_LeftoversOfTheEpochBeforeARollback_DoNotCrowdOutTheNewOnes()
    {
        for (var iteration = 8; iteration <= 12; iteration++) Announce(First, 2, Jobs.Replicas(Jobs.Snapshot(iteration, epoch: 1), 0, 1));

        var afterwards = Jobs.Replicas(Jobs.Snapshot(6, epoch: 2), 0, 1);
        Announce(First, 2, afterwards);

        Assert.Single(Announce(Second, 2, afterwards).Complete);
    }

    /// <summary>In any order and with any repeats, a shard is complete exactly when all expected holders agree with the owner.</summary>
    [Fact]
    public void Announce_AnyOrderAndDoubling_CompleteExactlyWhenAllHoldersAgreeWithTheOwner()
    {
        (int Hosts, int Replicas, int RanksPerHost)[] shapes = [(4, 2, 1), (5, 2, 1), (5, 3, 1), (4, 2, 2), (3, 3, 1)];
        Gen.Select(Gen.Int[0, shapes.Length - 1], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int).Sample((shape, missing, wrong, seed) =>
        {
            var (hosts, replicas, ranksPerHost) = shapes[shape];
            var job = Jobs.Spec(hosts, replicas, ranksPerHost);
            var placement = MixedPlacement.Create(hosts, replicas);
            var group = placement.Groups[^1];
            var random = new Random(seed);
            var all = (from owner in @group.Members
                       from rank in job.RanksOf(owner)
                       from holder in placement.HoldersOf(owner)
                       select (holder, rank.Value)).ToArray();
            random.Shuffle(all);
            var absent = missing == 0 ? all[..1] : [];
            var bad = wrong == 0 && all.Length > 1 ? all[1..2] : [];
            var said = all.Except(absent).Concat(all[2..4].Except(absent)).ToArray();
            random.Shuffle(said);

            var ledger = new CommitLedger(job, placement, group);
            LedgerOutcome outcome = LedgerOutcome.Nothing;
            foreach (var (holder, rank) in said)
                outcome = ledger.Announce(holder, new Epoch(1), [Jobs.Replica(rank, Five, bad.Contains((holder, rank)) ? 1UL : 0)], []);

            Assert.Equal(absent.Length == 0 && bad.Length == 0, outcome.Complete.Length == 1);
        });
    }

    private LedgerOutcome Announce(HostPosition holder, long epoch, ImmutableArray<Replica> replicas) =>
        _ledger.Announce(holder, new Epoch(epoch), replicas, []);

    private static CommitLedger Ledger(int hosts, int replicas, int group)
    {
        var placement = MixedPlacement.Create(hosts, replicas);
        return new CommitLedger(Jobs.Spec(hosts, replicas), placement, placement.Groups[group]);
    }
}
