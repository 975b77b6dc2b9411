using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;
using Gemini.Silo.Tests.Memory;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>Storage that neither answers nor fails, like a network file system whose server does not respond.</summary>
public sealed class HangingStoreTests : IAsyncLifetime
{
    private static readonly SnapshotId Stored = TestMemory.Snapshot(5);

    private readonly StorageFixture _test = new();
    private readonly TaskCompletionSource _hang = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ContentHash _hash;

    public async ValueTask InitializeAsync()
    {
        _test.Start();
        await _test.PersistAsync(Stored);
        _test.Direct(null, epoch: 2, step: DirectiveStep.Halt);
        await Wait.UntilAsync(() => _test.Storage.StoreReport!.LookedIn == new Epoch(2), "a look into the store");
        _hash = Assert.Single(_test.Storage.StoreReport!.Complete).Shards[0].Hash;
        _test.Memory.Memory.DiscardAll();
        _test.Store.Hang = _hang;
    }

    public async ValueTask DisposeAsync()
    {
        _hang.TrySetResult();
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task Load_IsUnavailable_AfterAWhile()
    {
        var outcome = await UntilOverAsync(LoadAsync(CancellationToken.None));
        Assert.Equal(new StoreOutcome(StoreResult.Unavailable, "memory has not answered a read for 30 s"), outcome);
        // A store that hangs is no reason to refuse its snapshots.
        Assert.Single(_test.Storage.StoreReport!.Complete);
    }

    /// <summary>An abandoned read continues when the server is back, long after another snapshot took its slots.</summary>
    [Fact]
    public async Task Load_CutOffByANewerEpoch_NeverWritesIntoTheSlotsAgain()
    {
        using var newer = new CancellationTokenSource();
        var load = LoadAsync(newer.Token);
        await Wait.UntilAsync(() => _test.Store.Reads == 1, "the read to begin");
        await newer.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load);
        for (var slot = 0; slot < 2; slot++) _test.Memory.Capture(StorageFixture.Own, slot, TestMemory.Snapshot(7 + slot));

        _hang.SetResult();
        await Wait.UntilAsync(() => _test.Store.ReadsEnded == 1, "the read to end");

        for (var slot = 0; slot < 2; slot++)
        {
            using var trainer = _test.Memory.Trainer(StorageFixture.Own, slot);
            Assert.True(trainer.HasContentOf(TestMemory.Snapshot(7 + slot)));
        }
    }

    [Fact]
    public async Task Loads_ThatHang_AreBoundedInNumber()
    {
        for (var epoch = 0; epoch < 16; epoch++)
        {
            using var newer = new CancellationTokenSource();
            var load = LoadAsync(newer.Token);
            await Wait.UntilAsync(() => _test.Store.Reads == epoch + 1, "the read to begin");
            await newer.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load);
        }

        Assert.Equal(new StoreOutcome(StoreResult.Unavailable, "16 earlier reads of memory still hang"), await LoadAsync(CancellationToken.None));
        Assert.Equal(16, _test.Store.Reads);

        _test.Store.Hang = null;
        _hang.SetResult();
        await Wait.UntilAsync(() => _test.Store.ReadsEnded == 16, "the reads to end");
        Assert.True((await LoadAsync(CancellationToken.None)).IsCompleted);
    }

    [Fact]
    public async Task Look_SaysThatStorageDoesNotAnswer_UntilItDoes()
    {
        _test.Direct(null, epoch: 3, step: DirectiveStep.Halt);
        await Wait.UntilAsync(() =>
        {
            _test.Time.Advance(TimeSpan.FromSeconds(1));
            return _test.Storage.StoreReport!.Problem is not null;
        }, "a problem");
        Assert.Equal(("memory has not answered for more than 30 s", new Epoch(2)), (_test.Storage.StoreReport!.Problem, _test.Storage.StoreReport.LookedIn));

        _hang.SetResult();
        await Wait.UntilAsync(() => _test.Storage.StoreReport!.LookedIn == new Epoch(3), "a look into the store");
        Assert.Null(_test.Storage.StoreReport!.Problem);
    }

    private Task<StoreOutcome> LoadAsync(CancellationToken ct) => _test.Storage.LoadAsync(StorageFixture.Shard(_hash), Stored, new Epoch(2), ct);

    private async Task<StoreOutcome> UntilOverAsync(Task<StoreOutcome> load)
    {
        await Wait.UntilAsync(() =>
        {
            _test.Time.Advance(TimeSpan.FromSeconds(1));
            return load.IsCompleted;
        }, "the load to be given up");
        return await load;
    }
}
