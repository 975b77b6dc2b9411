using Gemini.Interfaces.Model;
using Gemini.Silo.Tests.Memory;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>From a slot that its trainer may overwrite at any moment to storage that may fail at any moment.</summary>
public sealed class PersisterTests : IAsyncLifetime
{
    private readonly StorageFixture _test = new();

    public ValueTask InitializeAsync()
    {
        _test.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Named_SealedAndCommitted_IsStoredThenCompleted_ByteForByte()
    {
        _test.Direct(Snapshot(5));
        await _test.UntilAsync(PersistStage.Waiting);
        var hash = _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(5));
        _test.Storage.Wake();
        await _test.UntilAsync(PersistStage.Staged);
        Assert.Equal(0, _test.Store.Writes);

        _test.Direct(Snapshot(5), committed: 5);
        await _test.UntilAsync(PersistStage.Stored);
        var shard = Assert.Single(_test.Report!.Shards);
        Assert.Equal(new StoredShard(StorageFixture.Own, hash, TestMemory.PayloadBytes, TestMemory.ChunkBytes), shard);
        using (var slot = _test.Memory.Trainer(StorageFixture.Own, 0))
            Assert.Equal(Payload(slot), _test.Store.Bytes(Snapshot(5), StorageFixture.Own));

        _test.Direct(Snapshot(5), committed: 5, manifest: [shard]);
        await _test.UntilAsync(PersistStage.Completed);
        Assert.Single((await _test.Store.ListAsync(TestContext.Current.CancellationToken)).Complete);
    }

    /// <summary>The purpose of staging: the trainer reuses its slot while storage is slow.</summary>
    [Fact]
    public async Task Staged_SlotIsOverwrittenMeanwhile_WhatIsStoredIsTheSnapshot()
    {
        var hash = _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(5));
        _test.Store.Gate = new TaskCompletionSource();
        _test.Direct(Snapshot(5), committed: 5);
        await Wait.UntilAsync(() => _test.Store.Writes == 1, "the write to begin");

        _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(7));
        _test.Store.Gate.SetResult();
        await _test.UntilAsync(PersistStage.Stored);

        Assert.Equal(hash, Assert.Single(_test.Report!.Shards).Hash);
        using var other = _test.Memory.Trainer(StorageFixture.Own, 1);
        other.Capture(Snapshot(5));
        Assert.Equal(Payload(other), _test.Store.Bytes(Snapshot(5), StorageFixture.Own));
    }

    [Fact]
    public async Task SlotWasOverwrittenBefore_IsMissed()
    {
        _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(6));
        _test.Memory.Capture(StorageFixture.Own, 1, Snapshot(7));
        _test.Direct(Snapshot(5), committed: 6);
        await _test.UntilAsync(PersistStage.Missed);
    }

    [Fact]
    public async Task CopyInMemoryIsRotten_IsMissed_NotStored()
    {
        _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(5));
        using (var slot = _test.Memory.Trainer(StorageFixture.Own, 0)) slot.Segment.Chunk(3)[100] ^= 1;
        _test.Direct(Snapshot(5), committed: 5);
        await _test.UntilAsync(PersistStage.Missed);
        Assert.Equal(0, _test.Store.Writes);
    }

    [Fact]
    public async Task OfAnEpochThatIsOver_AndNotHere_IsMissed()
    {
        _test.Direct(Snapshot(5), epoch: 2);
        await _test.UntilAsync(PersistStage.Missed);
    }

    [Fact]
    public async Task StorageFails_SaysWhy_TriesAgainWithGrowingPauses_FromTheSameCopy()
    {
        _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(5));
        _test.Store.Problem = "No space left on device";
        _test.Direct(Snapshot(5), committed: 5);
        await Wait.UntilAsync(() => _test.Report?.Problem is not null, "the problem");
        Assert.Equal((PersistStage.Staged, "No space left on device"), (_test.Report!.Stage, _test.Report.Problem));

        foreach (var seconds in new[] { 1, 2, 4 })
        {
            var writes = _test.Store.Writes;
            _test.Store.Problem = $"still full before attempt {writes + 1}";
            _test.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            _test.Storage.Wake();
            _test.Time.Advance(TimeSpan.FromTicks(1));
            _test.Storage.Wake();
            await Wait.UntilAsync(() => _test.Report.Problem == _test.Store.Problem, $"an attempt after {seconds} s");
            Assert.Equal(writes + 1, _test.Store.Writes);
        }

        _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(7));
        _test.Store.Problem = null;
        _test.Time.Advance(TimeSpan.FromSeconds(8));
        _test.Storage.Wake();
        await _test.UntilAsync(PersistStage.Stored);
        Assert.Null(_test.Report!.Problem);
    }

    [Fact]
    public async Task StorageHangs_ItIsSaid_AndAnotherRequestEndsTheWrite()
    {
        _test.Memory.Capture(StorageFixture.Own, 0, Snapshot(5));
        _test.Store.Gate = new TaskCompletionSource();
        _test.Direct(Snapshot(5), committed: 5);
        await Wait.UntilAsync(() => _test.Store.Writes == 1, "the write to begin");
        _test.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Contains("has not taken a shard for 31 s", _test.Report!.Problem);

        _test.Memory.Capture(StorageFixture.Own, 1, Snapshot(10));
        _test.Direct(Snapshot(10), committed: 10);
        await Wait.UntilAsync(() => _test.Store.Writes == 2, "the next write to begin");
        _test.Store.Gate.SetResult();
        await _test.UntilAsync(PersistStage.Stored);
        Assert.Equal(Snapshot(10), _test.Report.Snapshot);
    }

    [Fact]
    public async Task NothingIsAskedForAnyMore_NothingIsReported()
    {
        await _test.PersistAsync(Snapshot(5));
        _test.Direct(null, committed: 6);
        await Wait.UntilAsync(() => _test.Report is null, "the report to end");
    }

    [Fact]
    public async Task Completed_TidiesUp_KeepingWhatThePolicySays()
    {
        for (var iteration = 5; iteration <= 20; iteration += 5) await _test.PersistAsync(Snapshot(iteration), slot: iteration / 5 % 2);
        await Wait.UntilAsync(() => _test.Store.ListAsync(default).Result.Complete.Length == 2, "two snapshots");
    }

    [Fact]
    public void Staging_IsHostMemory_CountedAndGivenBack()
    {
        var shard = StorageFixture.Shard();
        var path = _test.Memory.Paths.Staging(StorageFixture.Own);
        Assert.Equal(new FileInfo(path).Length, _test.Storage.StagedBytes);
        Assert.Equal(_test.Storage.StagedBytes, _test.Storage.StagingBytesFor([shard]));

        _test.Staging.Ensure([shard with { PayloadBytes = shard.PayloadBytes * 2 }]);
        _test.Staging.Collect();
        Assert.Equal(new FileInfo(path).Length, _test.Storage.StagedBytes);
        _test.Staging.Ensure([]);
        _test.Staging.Collect();
        Assert.False(File.Exists(path));
        Assert.Equal(0, _test.Storage.StagedBytes);
    }

    private static SnapshotId Snapshot(long iteration) => TestMemory.Snapshot(iteration);

    private static byte[] Payload(TestTrainer slot) => [.. Enumerable.Range(0, slot.Segment.ChunkCount).SelectMany(index => slot.Segment.Chunk(index).ToArray())];
}
