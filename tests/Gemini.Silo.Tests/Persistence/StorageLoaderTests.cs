using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;
using Gemini.Silo.Tests.Memory;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>Loads files into own memory, on a host that has lost everything else.</summary>
public sealed class StorageLoaderTests : IAsyncLifetime
{
    private static readonly SnapshotId Older = TestMemory.Snapshot(5);
    private static readonly SnapshotId Newer = TestMemory.Snapshot(10);

    private readonly TemporaryFolder _folder = new();
    private StorageFixture _test = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using (var writer = Create())
        {
            writer.Start();
            await writer.PersistAsync(Older, slot: 0);
            await writer.PersistAsync(Newer, slot: 1);
        }

        _test = Create();
        _test.Start();
        _test.Direct(null, epoch: 2, step: DirectiveStep.Halt);
        await Wait.UntilAsync(() => _test.Storage.StoreReport!.LookedIn == new Epoch(2), "a look into the store");
    }

    public async ValueTask DisposeAsync()
    {
        await _test.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void Halted_ReportsWhatIsComplete_Running_DoesNot()
    {
        Assert.Equal([Newer, Older], _test.Storage.StoreReport!.Complete.Select(stored => stored.Snapshot));
        _test.Direct(null, epoch: 2);
        Assert.Empty(_test.Storage.StoreReport!.Complete);
    }

    [Fact]
    public async Task Load_IsSealedInOwnMemory_WithTheRightBytes()
    {
        var stored = _test.Storage.StoreReport!.Complete[0].Shards[0];
        Assert.Equal(StoreOutcome.Completed, await LoadAsync(Newer, stored.Hash));

        Assert.True(_test.Memory.Memory.Verify(StorageFixture.Own, Newer, stored.Hash, out _));
        using var slot = _test.Memory.Trainer(StorageFixture.Own, _test.Memory.Memory.SlotsOf(StorageFixture.Own, Newer).LoadSlot);
        Assert.True(slot.HasContentOf(Newer));
        Assert.Equal(StoreOutcome.Completed, await LoadAsync(Newer, stored.Hash));
    }

    [Fact]
    public async Task Load_OneFlippedBit_IsCorrupt_Named_AndTheSnapshotIsNotOfferedAgain()
    {
        var hash = _test.Storage.StoreReport!.Complete[0].Shards[0].Hash;
        using (var file = File.Open(FileOf(Newer), FileMode.Open))
        {
            file.Position = 20_000;
            var value = file.ReadByte();
            file.Position = 20_000;
            file.WriteByte((byte)(value ^ 1));
        }

        var outcome = await LoadAsync(Newer, hash);

        Assert.Equal(StoreResult.Corrupt, outcome.Result);
        Assert.Contains("rank-00000.safetensors", outcome.Reason);
        Assert.Equal([Older], _test.Storage.StoreReport!.Complete.Select(stored => stored.Snapshot));
        Assert.Contains("snapshot 10@1 is refused", _test.Storage.StoreReport.Problem);
        Assert.Empty(_test.Memory.Memory.Inventory());
        Assert.True((await LoadAsync(Older, _test.Storage.StoreReport.Complete[0].Shards[0].Hash)).IsCompleted);
    }

    [Fact]
    public async Task Load_FileVanished_IsMissing_AndNotOfferedAgain()
    {
        var hash = _test.Storage.StoreReport!.Complete[0].Shards[0].Hash;
        File.Delete(FileOf(Newer));
        Assert.Equal(StoreResult.Missing, (await LoadAsync(Newer, hash)).Result);
        Assert.Equal([Older], _test.Storage.StoreReport!.Complete.Select(stored => stored.Snapshot));
    }

    [Fact]
    public async Task Load_OfAnEpochThatIsOver_IsOvertaken_AndNothingIsRefused()
    {
        var hash = _test.Storage.StoreReport!.Complete[0].Shards[0].Hash;
        _test.Memory.Memory.RaiseEpochFloor(new Epoch(9));
        Assert.Equal(StoreResult.Overtaken, (await LoadAsync(Newer, hash)).Result);
        Assert.Equal(2, _test.Storage.StoreReport!.Complete.Length);
    }

    [Fact]
    public async Task Load_AnotherHashThanPlanned_IsMissing() => Assert.Equal(StoreResult.Missing, (await LoadAsync(Newer, new ContentHash(1))).Result);

    [Fact]
    public void TrainerRefusesIt_IsNotOfferedAgain()
    {
        _test.Storage.Refuse(Newer, "its tensors are another model's");
        Assert.Equal([Older], _test.Storage.StoreReport!.Complete.Select(stored => stored.Snapshot));
        Assert.Contains("another model's", _test.Storage.StoreReport.Problem);
    }

    [Fact]
    public async Task Halted_StoreIsRepaired_IsNoticed()
    {
        File.Move(FileOf(Newer), FileOf(Newer) + ".away");
        _test.Time.Advance(TimeSpan.FromSeconds(5));
        _test.Storage.Wake();
        await Wait.UntilAsync(() => _test.Storage.StoreReport!.Complete.Length == 1, "the loss to be noticed");
        Assert.Contains("is missing", _test.Storage.StoreReport!.Problem);

        File.Move(FileOf(Newer) + ".away", FileOf(Newer));
        _test.Time.Advance(TimeSpan.FromSeconds(5));
        _test.Storage.Wake();
        await Wait.UntilAsync(() => _test.Storage.StoreReport!.Complete.Length == 2, "the repair to be noticed");
        Assert.Null(_test.Storage.StoreReport!.Problem);
    }

    private StorageFixture Create() => new(new DirectoryStore(_folder.Path, StorageFixture.Job, new PosixStoreFiles()));

    private Task<StoreOutcome> LoadAsync(SnapshotId snapshot, ContentHash hash) =>
        _test.Storage.LoadAsync(StorageFixture.Shard(hash), snapshot, new Epoch(2), Stop);

    private string FileOf(SnapshotId snapshot) => Path.Combine(_folder.Path, StorageFixture.Job.Name, snapshot.ToString(), "rank-00000.safetensors");
}
