using System.Collections.Immutable;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>What every store promises, in each implementation.</summary>
public abstract class SnapshotStoreContract
{
    protected static readonly JobSpec Job = new() { Name = "store-tests", Hosts = [new("a"), new("b")], Storage = StoragePolicy.Strawman };

    private protected abstract ISnapshotStore Store { get; }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_Empty_IsEmptyAndNoProblem()
    {
        var listing = await Store.ListAsync(Stop);
        Assert.Empty(listing.Complete);
        Assert.Empty(listing.Problems);
    }

    [Fact]
    public async Task Write_WithoutManifest_IsNoSnapshot()
    {
        foreach (var rank in Ranks) Assert.True((await Store.WriteShardAsync(Snapshot(1), new TestShard(rank), Stop)).IsCompleted);
        Assert.Empty((await Store.ListAsync(Stop)).Complete);
    }

    [Fact]
    public async Task Complete_AllShardsThere_IsListed_AndReadsBackByteForByte()
    {
        await PersistAsync(Snapshot(1));

        var stored = Assert.Single((await Store.ListAsync(Stop)).Complete);
        Assert.Equal(Snapshot(1), stored.Snapshot);
        foreach (var shard in stored.Shards)
        {
            var target = TestShard.Empty(shard.Owner.Value);
            Assert.Equal(StoreOutcome.Completed, await Store.ReadShardAsync(stored.Snapshot, shard, target, Stop));
            Assert.Equal(new TestShard(shard.Owner.Value).Bytes, target.Bytes);
            Assert.Equal((shard, 3), (target.Description, target.Completed));
        }
    }

    [Fact]
    public async Task Complete_AShardIsMissing_IsRefused()
    {
        await Store.WriteShardAsync(Snapshot(1), new TestShard(0), Stop);
        var outcome = await Store.CompleteAsync(Snapshot(1), Shards(), Stop);
        Assert.Equal(StoreResult.Missing, outcome.Result);
        Assert.Contains("rank-00001", outcome.Reason);
        Assert.Empty((await Store.ListAsync(Stop)).Complete);
    }

    [Fact]
    public async Task WriteAndComplete_Again_ChangeNothing()
    {
        await PersistAsync(Snapshot(1));
        await PersistAsync(Snapshot(1));
        Assert.Single((await Store.ListAsync(Stop)).Complete);
    }

    [Fact]
    public async Task Complete_AnotherSnapshotOfTheSameName_IsForeign()
    {
        await PersistAsync(Snapshot(1));
        var outcome = await Store.CompleteAsync(Snapshot(1), Shards(seed: 2), Stop);
        Assert.Equal(StoreResult.Foreign, outcome.Result);
    }

    [Fact]
    public async Task Read_WhatIsNotThere_IsMissing()
    {
        await PersistAsync(Snapshot(1));
        var outcome = await Store.ReadShardAsync(Snapshot(2), new TestShard(0).Description, TestShard.Empty(0), Stop);
        Assert.Equal(StoreResult.Missing, outcome.Result);
    }

    [Fact]
    public async Task List_NewestFirst_ByIterationThenEpoch()
    {
        foreach (var snapshot in new[] { Snapshot(9), Snapshot(10, 2), Snapshot(10, 1), Snapshot(100, 1) }) await PersistAsync(snapshot);
        Assert.Equal([Snapshot(100, 1), Snapshot(10, 2), Snapshot(10, 1), Snapshot(9)], await CompleteAsync());
    }

    [Fact]
    public async Task Tidy_KeepsTheNewest_AndRemovesOlderLeftovers()
    {
        await Store.WriteShardAsync(Snapshot(15), new TestShard(0), Stop);
        await Store.WriteShardAsync(Snapshot(50), new TestShard(0), Stop);
        foreach (var iteration in new[] { 10, 20, 30, 40 }) await PersistAsync(Snapshot(iteration));

        Assert.True((await Store.TidyAsync(2, Stop)).IsCompleted);

        Assert.Equal([Snapshot(40), Snapshot(30)], await CompleteAsync());
        Assert.Equal(StoreResult.Missing, (await Store.ReadShardAsync(Snapshot(15), new TestShard(0).Description, TestShard.Empty(0), Stop)).Result);
        Assert.Equal(StoreResult.Missing, (await Store.ReadShardAsync(Snapshot(10), new TestShard(0).Description, TestShard.Empty(0), Stop)).Result);
        Assert.True((await Store.ReadShardAsync(Snapshot(50), new TestShard(0).Description, TestShard.Empty(0), Stop)).IsCompleted);
    }

    [Fact]
    public async Task Tidy_NothingComplete_RemovesNothing()
    {
        await Store.WriteShardAsync(Snapshot(1), new TestShard(0), Stop);
        Assert.True((await Store.TidyAsync(1, Stop)).IsCompleted);
        Assert.True((await Store.ReadShardAsync(Snapshot(1), new TestShard(0).Description, TestShard.Empty(0), Stop)).IsCompleted);
    }

    [Fact]
    public async Task Write_Cancelled_EndsBetweenChunks()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteShardAsync(Snapshot(1), new TestShard(0), cancelled.Token));
    }

    protected static IEnumerable<int> Ranks => Enumerable.Range(0, Job.WorldSize);

    protected static SnapshotId Snapshot(long iteration, long epoch = 1) => new(new Iteration(iteration), new Epoch(epoch));

    private protected static ImmutableArray<StoredShard> Shards(int seed = 1) => [.. Ranks.Select(rank => new TestShard(rank, seed).Description)];

    private protected Task PersistAsync(SnapshotId snapshot) => PersistAsync(Store, snapshot);

    private protected static async Task PersistAsync(ISnapshotStore store, SnapshotId snapshot)
    {
        foreach (var rank in Ranks) Assert.Equal(StoreOutcome.Completed, await store.WriteShardAsync(snapshot, new TestShard(rank), Stop));
        Assert.Equal(StoreOutcome.Completed, await store.CompleteAsync(snapshot, Shards(), Stop));
    }

    private protected async Task<IEnumerable<SnapshotId>> CompleteAsync() => (await Store.ListAsync(Stop)).Complete.Select(stored => stored.Snapshot);
}
