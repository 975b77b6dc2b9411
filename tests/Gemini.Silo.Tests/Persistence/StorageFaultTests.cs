using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;
using Gemini.Silo.Tests.Memory;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>Faults of storage that a host must tell apart: some are tried again, others mean that the snapshot is never used again.</summary>
public sealed class StorageFaultTests : IAsyncLifetime
{
    private static readonly SnapshotId Stored = TestMemory.Snapshot(5);

    private readonly ScriptedStore _store = new();
    private readonly StorageFixture _test;
    private StoredShard _shard = null!;

    public StorageFaultTests() => _test = new StorageFixture(_store);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _test.Start();
        await _test.PersistAsync(Stored);
        _test.Direct(null, epoch: 2, step: DirectiveStep.Halt);
        await Wait.UntilAsync(() => _test.Storage.StoreReport!.LookedIn == new Epoch(2), "a look into the store");
        _shard = Assert.Single(Assert.Single(_test.Storage.StoreReport!.Complete).Shards);
        _test.Memory.Memory.DiscardAll();
    }

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    /// <summary>How a read ends, and whether the snapshot is still offered afterwards.</summary>
    [Theory]
    [InlineData(StoreResult.Unavailable, true)]
    [InlineData(StoreResult.Overtaken, true)]
    [InlineData(StoreResult.Missing, false)]
    [InlineData(StoreResult.Corrupt, false)]
    [InlineData(StoreResult.Foreign, false)]
    public async Task Load_ReadFails_TheSnapshotIsRefusedOnlyIfItIsAtFault(object result, bool isStillOffered)
    {
        _store.Read = _ => Task.FromResult(new StoreOutcome((StoreResult)result, "as the test says"));
        Assert.Equal(new StoreOutcome((StoreResult)result, "as the test says"), await LoadAsync());
        Assert.Equal(isStillOffered ? 1 : 0, _test.Storage.StoreReport!.Complete.Length);
        AssertNothingKept();

        _store.Read = null;
        Assert.Equal(isStillOffered ? StoreResult.Completed : StoreResult.Missing, (await LoadAsync()).Result);
    }

    /// <summary>A read that ends early without saying so: the bytes that are missing are not taken for zeros.</summary>
    [Fact]
    public async Task Load_ReadEndsEarlyAndSaysItIsComplete_IsCorrupt()
    {
        _store.Read = target =>
        {
            for (var index = 0; index < target.ChunkCount - 1; index++)
            {
                TestTrainer.Fill(target.Chunk(index).Span, Stored, index);
                Assert.True(target.Complete(index));
            }

            return Task.FromResult(StoreOutcome.Completed);
        };
        Assert.Equal(
            new StoreOutcome(StoreResult.Corrupt, "the bytes of rank-00000.safetensors in memory/5@1 do not match their hash"), await LoadAsync());
        AssertNothingKept();
    }

    [Fact]
    public async Task Load_NewerEpochBeginsMeanwhile_IsOvertakenAndTheSnapshotStillOffered()
    {
        _store.Read = target =>
        {
            TestTrainer.Fill(target.Chunk(0).Span, Stored, 0);
            Assert.True(target.Complete(0));
            _test.Memory.Memory.RaiseEpochFloor(new Epoch(9));
            return Task.FromResult(target.Complete(1) ? StoreOutcome.Completed : new StoreOutcome(StoreResult.Overtaken, "a newer epoch took its place"));
        };
        Assert.Equal(StoreResult.Overtaken, (await LoadAsync()).Result);
        Assert.Single(_test.Storage.StoreReport!.Complete);
        AssertNothingKept();
    }

    [Fact]
    public async Task Load_ReadThrows_IsNoOutcomeAndGivesTheSlotBack()
    {
        _store.Read = _ => Task.FromException<StoreOutcome>(new InvalidOperationException("a mistake"));
        await Assert.ThrowsAsync<InvalidOperationException>(LoadAsync);
        AssertNothingKept();
    }

    /// <summary>A transfer that was told to end may use a slot for a moment longer. The load waits for it, but not for ever.</summary>
    [Fact]
    public async Task Load_AllSlotsAreInUse_WaitsForALimitedTime()
    {
        for (var slot = 0; slot < 2; slot++) _test.Memory.Capture(StorageFixture.Own, slot, TestMemory.Snapshot(7 + slot));
        using (_test.Memory.Memory.TryRead(StorageFixture.Own, TestMemory.Snapshot(7)))
        {
            var load = LoadAsync();
            await TickAsync(() => load.IsCompleted, "the load to be given up");
            Assert.Equal(new StoreOutcome(StoreResult.Unavailable, "this host's memory refused: Busy"), await load);
            Assert.Single(_test.Storage.StoreReport!.Complete);
        }

        Assert.True((await LoadAsync()).IsCompleted);
    }

    [Fact]
    public async Task Load_SlotsOfAnotherSize_IsForeignAndNotOfferedAgain()
    {
        _test.Memory.Memory.EnsureShard(StorageFixture.Own, TestMemory.PayloadBytes * 2, ShardRole.Own);
        Assert.Equal(
            new StoreOutcome(StoreResult.Foreign, "it has 38098 bytes in chunks of 4096, but this host's slots have other sizes"), await LoadAsync());
        Assert.Empty(_test.Storage.StoreReport!.Complete);
    }

    [Fact]
    public async Task Load_ShardIsNotThisHosts_IsUnavailable()
    {
        _test.Memory.Memory.ReleaseExcept(new HashSet<Rank>());
        Assert.Equal(new StoreOutcome(StoreResult.Unavailable, "this host's memory refused: UnknownShard"), await LoadAsync());
    }

    /// <summary>The same call as the recovery makes it: storage that fails is an error to try again, and a bad snapshot is a reason for another plan.</summary>
    [Fact]
    public async Task Load_AsTheRecoveryCallsIt_ThrowsOnlyIfItMayBeTriedAgain()
    {
        IStorageTier tier = _test.Storage;
        var shard = StorageFixture.Shard(_shard.Hash);
        _store.Read = _ => Task.FromResult(new StoreOutcome(StoreResult.Unavailable, "Stale file handle"));
        var error = await Assert.ThrowsAsync<IOException>(() => tier.LoadAsync(shard, Stored, new Epoch(2), Stop));
        Assert.Equal("Stale file handle", error.Message);

        _store.Read = null;
        Assert.Null(await tier.LoadAsync(shard, Stored, new Epoch(2), Stop));
        Assert.Equal("memory no longer has snapshot 6@1 as it was planned", await tier.LoadAsync(shard, TestMemory.Snapshot(6), new Epoch(2), Stop));
    }

    [Fact]
    public async Task NoStorage_NothingIsReportedAndALoadSaysSo()
    {
        using var none = HostStorage.None(_test.Time);
        none.Wake();
        none.Refuse(Stored, "for the test");
        Assert.Equal((null, null, 0L), (none.PersistReport, none.StoreReport, none.StagedBytes));
        Assert.Empty(none.Loops);
        Assert.Equal(
            new StoreOutcome(StoreResult.Missing, "this host has no storage configured"),
            await none.LoadAsync(StorageFixture.Shard(_shard.Hash), Stored, new Epoch(2), Stop));
    }

    [Fact]
    public async Task Persist_CompletionFails_IsTriedAgainFromThere()
    {
        var writes = _store.Real.Writes;
        _store.Complete = () => new StoreOutcome(StoreResult.Missing, "rank-00001.safetensors is missing");
        await StoreAsync(10);
        _test.Direct(TestMemory.Snapshot(10), committed: 10, epoch: 2, manifest: _test.Report!.Shards);
        await Wait.UntilAsync(() => _test.Report?.Problem == "rank-00001.safetensors is missing", "the problem");
        Assert.Equal(PersistStage.Stored, _test.Report!.Stage);

        _store.Complete = null;
        await TickAsync(() => _test.Report?.Stage == PersistStage.Completed, "the next attempt");
        Assert.Null(_test.Report!.Problem);
        Assert.Equal(writes + 1, _store.Real.Writes);
    }

    /// <summary>Old snapshots that stay cost room, and nothing else. The new snapshot is complete all the same.</summary>
    [Fact]
    public async Task Persist_OldSnapshotsCannotBeRemoved_IsCompleteWithoutAProblem()
    {
        _store.Tidy = () => new StoreOutcome(StoreResult.Unavailable, "Read-only file system");
        await StoreAsync(10);
        _test.Direct(TestMemory.Snapshot(10), committed: 10, epoch: 2, manifest: _test.Report!.Shards);
        await _test.UntilAsync(PersistStage.Completed);
        Assert.Null(_test.Report!.Problem);
    }

    [Fact]
    public async Task Persist_StoreThrows_IsAProblemAndTriedAgain()
    {
        _store.Complete = () => throw new InvalidOperationException("a mistake");
        await StoreAsync(10);
        _test.Direct(TestMemory.Snapshot(10), committed: 10, epoch: 2, manifest: _test.Report!.Shards);
        await Wait.UntilAsync(() => _test.Report?.Problem == "a mistake", "the problem");
        _store.Complete = null;
        await TickAsync(() => _test.Report?.Stage == PersistStage.Completed, "the next attempt");
    }

    /// <summary>
    /// The host stops while storage hangs. The stop waits for a limited time. The buffer that the write reads stays mapped, because otherwise the write
    /// would read memory that is gone.
    /// </summary>
    [Fact]
    public async Task Dispose_AWriteHangs_EndsAfterTheLimitAndLeavesItsBuffer()
    {
        _store.Real.Problem = "No space left on device";
        _test.Memory.Capture(StorageFixture.Own, 0, TestMemory.Snapshot(10));
        _test.Direct(TestMemory.Snapshot(10), committed: 10, epoch: 2);
        await Wait.UntilAsync(() => _test.Report?.Problem is not null, "the failed attempt");
        var writes = _store.Real.Writes;
        (_store.Real.Gate, _store.Real.Problem) = (new TaskCompletionSource(), null);
        await Wait.UntilAsync(
            () =>
            {
                if (_store.Real.Writes == writes) _test.Time.Advance(TimeSpan.FromSeconds(1));
                return _store.Real.Writes > writes;
            },
            "the next attempt to begin");

        var stopping = Task.Run(_test.Storage.Dispose, Stop);
        await TickAsync(() => stopping.IsCompleted, "the stop");
        await stopping;
        Assert.True(File.Exists(_test.Memory.Paths.Staging(StorageFixture.Own)));
        Assert.True(_test.Storage.StagedBytes > 0);

        _store.Real.Gate.SetResult();
        await _test.UntilAsync(PersistStage.Stored);
    }

    /// <summary>Commits and writes a snapshot of the second epoch, up to the stage Stored.</summary>
    private async Task StoreAsync(long iteration)
    {
        _test.Memory.Capture(StorageFixture.Own, 0, TestMemory.Snapshot(iteration));
        _test.Direct(TestMemory.Snapshot(iteration), committed: iteration, epoch: 2);
        await _test.UntilAsync(PersistStage.Stored);
    }

    private Task<StoreOutcome> LoadAsync() => _test.Storage.LoadAsync(StorageFixture.Shard(_shard.Hash), Stored, new Epoch(2), Stop);

    private void AssertNothingKept()
    {
        Assert.Empty(_test.Memory.Memory.Inventory());
        Assert.False(_test.Memory.Memory.IsReceiving(StorageFixture.Own));
    }

    /// <summary>Lets time pass until the condition holds, and wakes the loops.</summary>
    private Task TickAsync(Func<bool> condition, string what) => Wait.UntilAsync(
        () =>
        {
            _test.Time.Advance(TimeSpan.FromSeconds(1));
            _test.Storage.Wake();
            return condition();
        },
        what);
}
