using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class StoragePlannerTests
{
    private static readonly JobSpec Job = new() { Name = "job", Hosts = [new("a"), new("b")] };
    private static readonly Epoch Now = new(5);

    [Fact]
    public void AHostHasNotLookedInThisEpoch_Waits()
    {
        var plan = StoragePlanner.Plan(Job, [Report("a", Stored(10)), Report("b", Stored(10)) with { Store = new StoreReport { LookedIn = new Epoch(4) } }], Now);
        Assert.Equal(StorageFinding.Waiting, plan.Finding);
        Assert.Contains("b", plan.Reason);
    }

    [Fact]
    public void AllSeeTheSame_TheNewestIsTaken()
    {
        var plan = StoragePlanner.Plan(Job, [Report("a", Stored(20), Stored(10)), Report("b", Stored(10), Stored(20))], Now);
        Assert.Equal(StorageFinding.Found, plan.Finding);
        Assert.Equal((Snapshot(20), CopySource.Storage), (plan.Plan!.Restore, plan.Plan.Source));
        Assert.Equal([0, 1], plan.Plan.Shards.Select(shard => shard.Replica.Owner.Value));
        Assert.All(plan.Plan.Shards, shard => Assert.Empty(shard.Sources));
    }

    [Fact]
    public void OneHostRefusedTheNewest_TheOlderIsTaken() =>
        Assert.Equal(Snapshot(10), StoragePlanner.Plan(Job, [Report("a", Stored(20), Stored(10)), Report("b", Stored(10))], Now).Plan!.Restore);

    [Fact]
    public void SameNameOtherHash_IsNotTheSame() =>
        Assert.Equal(Snapshot(10), StoragePlanner.Plan(Job, [Report("a", Stored(20), Stored(10)), Report("b", Stored(20, hash: 8), Stored(10))], Now).Plan!.Restore);

    /// <summary>Whichever mistake wrote such a manifest: with it, rank 1 would load the shard of rank 0.</summary>
    [Fact]
    public void ManifestNamesARankTwice_TheOlderIsTaken()
    {
        var twice = Stored(20) with { Shards = [.. Stored(20).Shards.Select(shard => shard with { Owner = new Rank(0) })] };
        Assert.Equal(Snapshot(10), StoragePlanner.Plan(Job, [Report("a", twice, Stored(10)), Report("b", twice, Stored(10))], Now).Plan!.Restore);
    }

    [Fact]
    public void OtherDirectoriesOnOtherHosts_SaysSo()
    {
        var plan = StoragePlanner.Plan(Job, [Report("a", Stored(20)), Report("b")], Now);
        Assert.Equal(StorageFinding.Unusable, plan.Finding);
        Assert.Contains("storage.directory", plan.Reason);
    }

    [Fact]
    public void NothingThere_IsEmpty_ButATraceOrATroubleIsNot()
    {
        Assert.Equal(StorageFinding.Empty, StoragePlanner.Plan(Job, [Report("a"), Report("b")], Now).Finding);
        var trouble = Report("b") with { Store = new StoreReport { LookedIn = Now, Problem = "not mounted" } };
        var plan = StoragePlanner.Plan(Job, [Report("a"), trouble], Now);
        Assert.Equal(StorageFinding.Unusable, plan.Finding);
        Assert.Contains("b: not mounted", plan.Reason);
    }

    private static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(1));

    private static StoredSnapshot Stored(long iteration, ulong hash = 7) => new(
        Snapshot(iteration), [.. Enumerable.Range(0, 2).Select(rank => new StoredShard(new Rank(rank), new ContentHash(hash), 100, 10))]);

    private static HostReport Report(string host, params ImmutableArray<StoredSnapshot> complete) => new()
    {
        Host = new HostName(host),
        Incarnation = 1,
        Sequence = 1,
        SpecFingerprint = "",
        DataEndpoint = "",
        Store = new StoreReport { LookedIn = Now, Complete = complete },
    };
}
