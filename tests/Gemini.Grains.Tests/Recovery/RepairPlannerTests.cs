using System.Collections.Immutable;
using CsCheck;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Guests = System.Collections.Immutable.ImmutableSortedDictionary<
    Gemini.Interfaces.Model.HostName, System.Collections.Immutable.ImmutableArray<Gemini.Interfaces.Model.GuestCopy>>;

namespace Gemini.Grains.Tests.Recovery;

public sealed class RepairPlannerTests
{
    private static readonly SnapshotId Five = Jobs.Snapshot(5);
    private static readonly HashSet<(HostName Host, Rank Owner)> NoneRefused = [];

    [Theory]
    [InlineData(true, false, 9_999, true)]
    [InlineData(true, false, 10_000, false)]
    [InlineData(true, true, 0, false)]
    [InlineData(false, false, 0, false)]
    public void IsTooEarly_OnlyAfterARestart_WhileAHostMayStillComeUp(bool isRestart, bool isEveryHostHeardOf, int milliseconds, bool expected) =>
        Assert.Equal(expected, RepairPlanner.IsTooEarly(
            isRestart, isEveryHostHeardOf, TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromSeconds(10)));

    [Fact]
    public void Plan_NothingLost_NothingToDo()
    {
        var (guests, reason) = Plan(Jobs.Spec(hosts: 4, replicas: 2), Lost());

        Assert.Empty(guests);
        Assert.Equal("", reason);
    }

    [Fact]
    public void Plan_N6M2_OneHostLost_ItsGroupsShardsGoToTwoHostsOfOtherGroups()
    {
        var (guests, reason) = Plan(Jobs.Spec(hosts: 6, replicas: 2), Lost(0));

        Assert.Equal([Jobs.Host(2), Jobs.Host(3)], guests.Keys);
        Assert.Equal([0, 1], guests.Values.SelectMany(copies => copies).Select(copy => copy.Replica.Owner.Value).Order());
        Assert.All(guests.Values.SelectMany(copies => copies), copy => Assert.Equal([Jobs.Host(1)], copy.Sources));
        Assert.Equal("meanwhile h2, h3 fetch copies of rank 0, 1", reason);
    }

    [Fact]
    public void Plan_HostBackWithoutItsMemory_TakesItsOwnShard()
    {
        var job = Jobs.Spec(hosts: 6, replicas: 2);
        var inventories = Inventories(job, Lost(0));
        inventories[Jobs.Host(0)] = [];

        var (guests, _) = RepairPlanner.Plan(job, Assignment(job, []), inventories, NoneRefused, Guests.Empty);

        Assert.Contains(guests[Jobs.Host(0)], copy => copy.Replica.Owner == new Rank(0));
    }

    [Fact]
    public void Plan_SameDomain_IsAvoidedWhileAnotherIsThere()
    {
        var job = Jobs.Spec(hosts: 6, replicas: 2);
        var inventories = Inventories(job, Lost(0));
        // h1 holds the remaining copy. h2 and h3 are in its rack.
        static bool SameRack(HostName left, HostName right) => new[] { left, right }.All(host => host.Value is "h1" or "h2" or "h3");

        var (guests, _) = RepairPlanner.Plan(job, Assignment(job, Lost(0)), inventories, NoneRefused, Guests.Empty, SameRack);

        Assert.Equal([Jobs.Host(4), Jobs.Host(5)], guests.Keys);
    }

    [Fact]
    public void Plan_Refused_GoesElsewhereAndAtLastSaysThatNobodyIsLeft()
    {
        var job = Jobs.Spec(hosts: 4, replicas: 2);
        var inventories = Inventories(job, Lost(0));
        var rank = new Rank(1);
        var refused = new HashSet<(HostName Host, Rank Owner)> { (Jobs.Host(2), rank) };

        var (guests, _) = RepairPlanner.Plan(job, Assignment(job, Lost(0)), inventories, refused, Guests.Empty);
        Assert.Contains(guests[Jobs.Host(3)], copy => copy.Replica.Owner == rank);

        refused.Add((Jobs.Host(3), rank));
        (guests, var reason) = RepairPlanner.Plan(job, Assignment(job, Lost(0)), inventories, refused, Guests.Empty);
        Assert.DoesNotContain(guests.Values.SelectMany(copies => copies), copy => copy.Replica.Owner == rank);
        Assert.EndsWith("; no other live host can take a copy of rank 1", reason);
    }

    [Fact]
    public void Plan_NoWholeSnapshot_NothingToDo() => Assert.Empty(Plan(Jobs.Spec(hosts: 4, replicas: 2), Lost(0, 1)).Guests);

    [Fact]
    public void Plan_Property_EveryShardReachesMCopiesOnDifferentHostsAndNoneGoesWhereOneIs() => Cases.Sample(
        (hosts, replicas, lostBits) =>
        {
            var job = Jobs.Spec(hosts, replicas);
            var lost = Enumerable.Range(0, hosts).Where(host => (lostBits >> host & 1) == 1).ToHashSet();
            var inventories = Inventories(job, lost);
            if (inventories.Count == 0) return;
            var whole = Enumerable.Range(0, hosts).All(rank => inventories.Values.Any(held => held.Any(copy => copy.Owner.Value == rank)));

            var (guests, _) = RepairPlanner.Plan(job, Assignment(job, lost), inventories, NoneRefused, Guests.Empty);

            if (!whole) Assert.Empty(guests);
            if (!whole) return;
            foreach (var (host, copies) in guests)
            {
                Assert.All(copies, copy => Assert.DoesNotContain(copy.Replica, inventories[host]));
                Assert.All(copies, copy => Assert.All(copy.Sources, source => Assert.Contains(copy.Replica, inventories[source])));
                Assert.Equal(copies.Length, copies.Select(copy => copy.Replica).Distinct().Count());
            }

            Carry(guests, inventories);
            var copiesOf = inventories.Values.SelectMany(held => held).GroupBy(copy => copy.Owner).ToDictionary(copy => copy.Key, copy => copy.Count());
            Assert.All(copiesOf.Values, count => Assert.InRange(count, Math.Min(replicas, inventories.Count), replicas));
        });

    [Fact]
    public void Plan_Property_WhatIsDecidedStaysDecidedWhileItIsCarriedOut() => Cases.Sample(
        (hosts, replicas, lostBits) =>
        {
            var job = Jobs.Spec(hosts, replicas);
            var lost = Enumerable.Range(0, hosts).Where(host => (lostBits >> host & 1) == 1).ToHashSet();
            var inventories = Inventories(job, lost);
            if (inventories.Count == 0) return;
            var (guests, _) = RepairPlanner.Plan(job, Assignment(job, lost), inventories, NoneRefused, Guests.Empty);
            while (!guests.IsEmpty)
            {
                var (host, copies) = guests.Last();
                inventories[host] = inventories[host].Add(copies[0].Replica);
                var (next, _) = RepairPlanner.Plan(job, Assignment(job, lost), inventories, NoneRefused, guests);
                Assert.Equal(Flat(guests).Where(entry => entry != (host, copies[0].Replica)), Flat(next));
                guests = next;
            }
        });

    private static Gen<(int Hosts, int Replicas, int Lost)> Cases =>
        from hosts in Gen.Int[1, 9]
        from replicas in Gen.Int[1, hosts]
        from lost in Gen.Int[0, (1 << hosts) - 1]
        select (hosts, replicas, lost);

    private static IEnumerable<(HostName Host, Replica Copy)> Flat(Guests guests) =>
        guests.SelectMany(host => host.Value.Select(copy => (host.Key, copy.Replica)));

    private static void Carry(Guests guests, Dictionary<HostName, ImmutableArray<Replica>> inventories)
    {
        foreach (var (host, copy) in Flat(guests)) inventories[host] = inventories[host].Add(copy);
    }

    private static HashSet<int> Lost(params int[] positions) => [.. positions];

    private static (Guests Guests, string Reason) Plan(JobSpec job, HashSet<int> lost) =>
        RepairPlanner.Plan(job, Assignment(job, lost), Inventories(job, lost), NoneRefused, Guests.Empty);

    private static ImmutableArray<HostName?> Assignment(JobSpec job, HashSet<int> lost) =>
        [.. Enumerable.Range(0, job.HostCount).Select(position => lost.Contains(position) ? (HostName?)null : Jobs.Host(position))];

    /// <summary>A committed snapshot by the placement, on the remaining hosts.</summary>
    private static Dictionary<HostName, ImmutableArray<Replica>> Inventories(JobSpec job, HashSet<int> lost)
    {
        var placement = MixedPlacement.Create(job.HostCount, job.Replicas);
        return Enumerable.Range(0, job.HostCount).Where(position => !lost.Contains(position)).ToDictionary(Jobs.Host, position =>
            placement.HeldBy(new HostPosition(position)).Prepend(new HostPosition(position)).SelectMany(job.RanksOf)
                .Select(rank => new Replica(rank, Five, new ContentHash((ulong)rank.Value + 1), 100)).ToImmutableArray());
    }
}
