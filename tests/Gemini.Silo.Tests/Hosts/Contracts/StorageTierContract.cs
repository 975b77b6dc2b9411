using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>What the worker agent requires of persistent storage, in each implementation. The host is at position 0, and has rank 0.</summary>
public abstract class StorageTierContract
{
    protected static readonly Rank Zero = new(0);

    private static readonly SnapshotId First = Snapshot(5);
    private static readonly SnapshotId Second = Snapshot(10);
    private static readonly SnapshotId Third = Snapshot(11);

    protected abstract IStorageTier Storage { get; }

    protected abstract IHostMemory Memory { get; }

    /// <summary>What the storage tier follows.</summary>
    protected abstract HostState State { get; }

    /// <summary>Size of rank 0's shard.</summary>
    protected abstract long PayloadBytes { get; }

    [Fact]
    public async Task Halted_SaysInWhichEpochItHasLooked()
    {
        await HaltAsync(epoch: 2);
        Assert.Empty(Storage.StoreReport!.Complete);
        Assert.Null(Storage.StoreReport.Problem);

        await HaltAsync(epoch: 3);
    }

    [Fact]
    public async Task Asked_IsStagedWhenSealed_AndStoredOnlyWhenCommitted()
    {
        Ensure();
        Direct(epoch: 1, DirectiveStep.Run, persist: First);
        await UntilAsync(PersistStage.Waiting);
        var hash = Capture(slot: 0, First);
        Storage.Wake();
        await UntilAsync(PersistStage.Staged);
        Assert.Empty(Storage.PersistReport!.Shards);

        Direct(epoch: 1, DirectiveStep.Run, persist: First, committed: First.Iteration.Value);

        await UntilAsync(PersistStage.Stored);
        var stored = Assert.Single(Storage.PersistReport!.Shards);
        Assert.Equal((Zero, hash, PayloadBytes), (stored.Owner, stored.Hash, stored.PayloadBytes));
        Assert.Equal((First, null), (Storage.PersistReport.Snapshot, Storage.PersistReport.Problem));
    }

    [Fact]
    public async Task ManifestGiven_IsComplete_AndListedWhileTheJobHalts()
    {
        var hash = await PersistAsync(First, slot: 0);

        await HaltAsync(epoch: 2);

        var listed = Assert.Single(Storage.StoreReport!.Complete);
        Assert.Equal((First, Zero, hash), (listed.Snapshot, Assert.Single(listed.Shards).Owner, listed.Shards[0].Hash));
        Direct(epoch: 2, DirectiveStep.Run);
        await UntilAsync(() => Storage.StoreReport!.Complete.IsEmpty, "nothing listed while the job trains");
    }

    [Fact]
    public async Task CommittedAndNoLongerInMemory_IsMissed()
    {
        Ensure();
        Capture(slot: 0, Second);
        Capture(slot: 1, Third);

        Direct(epoch: 1, DirectiveStep.Run, persist: First, committed: Second.Iteration.Value);

        await UntilAsync(PersistStage.Missed);
    }

    [Fact]
    public async Task AnotherIsAskedFor_TheReportIsOfThatOne_AndOfNoneWhenNoneIs()
    {
        Ensure();
        Direct(epoch: 1, DirectiveStep.Run, persist: First);
        await UntilAsync(PersistStage.Waiting);

        Direct(epoch: 1, DirectiveStep.Run, persist: Second);
        await UntilAsync(() => Storage.PersistReport?.Snapshot == Second, "the report of the other snapshot");

        Direct(epoch: 1, DirectiveStep.Run);
        await UntilAsync(() => Storage.PersistReport is null, "no report");
    }

    [Fact]
    public async Task Load_HasTheShardVerifiedInOwnMemory()
    {
        var hash = await PersistAsync(First, slot: 0);
        Memory.DiscardAll();
        await HaltAsync(epoch: 2);

        Assert.Null(Load(First, hash));

        var copy = Assert.Single(Memory.Inventory());
        Assert.Equal((Zero, First, hash), (copy.Owner, copy.Snapshot, copy.Hash));
        Assert.Null(Load(First, hash));
    }

    [Fact]
    public async Task Load_BytesAreRotten_SaysSo_AndTheSnapshotIsNotOfferedAgain()
    {
        await PersistAsync(First, slot: 0);
        var hash = await PersistAsync(Second, slot: 1);
        Memory.DiscardAll();
        await HaltAsync(epoch: 2);
        Assert.Equal([Second, First], Offered());
        RotStored(Second);

        Assert.NotNull(Load(Second, hash));

        Assert.Empty(Memory.Inventory());
        Assert.Equal([First], Offered());
        Assert.Contains($"{Second}", Storage.StoreReport!.Problem);
    }

    [Fact]
    public async Task Load_EpochIsOver_SaysSo_AndTheSnapshotIsOfferedOn()
    {
        var hash = await PersistAsync(First, slot: 0);
        Memory.DiscardAll();
        await HaltAsync(epoch: 2);
        Memory.RaiseEpochFloor(new Epoch(3));

        Assert.NotNull(Load(First, hash));

        Assert.Empty(Memory.Inventory());
        Assert.Equal([First], Offered());
    }

    [Fact]
    public async Task RefusedByATrainer_IsNotOfferedAgain()
    {
        await PersistAsync(First, slot: 0);
        await PersistAsync(Second, slot: 1);
        await HaltAsync(epoch: 2);

        Storage.Refuse(Second, "its tensors are another model's");

        Assert.Equal([First], Offered());
        Assert.Contains($"{Second}", Storage.StoreReport!.Problem);
    }

    protected static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(1));

    /// <summary>The trainer of rank 0 captures a snapshot.</summary>
    protected abstract ContentHash Capture(int slot, SnapshotId snapshot);

    /// <summary>A bit of the stored shard of rank 0 flips. It is the newest snapshot in storage.</summary>
    protected abstract void RotStored(SnapshotId snapshot);

    /// <summary>Lets time pass until the condition holds.</summary>
    protected abstract Task UntilAsync(Func<bool> condition, string what);

    /// <summary>Runs an asynchronous call to its end.</summary>
    protected abstract T Run<T>(Func<Task<T>> call);

    private void Ensure()
    {
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        Storage.EnsureStaging([Shard(null)]);
    }

    /// <summary>Takes a directive, as the worker agent does.</summary>
    private void Direct(
        long epoch, DirectiveStep step, SnapshotId? persist = null, long committed = 0, ImmutableArray<StoredShard> manifest = default)
    {
        State.Take(new HostDirective
        {
            Version = new DirectiveVersion(new Epoch(epoch), step),
            Position = new HostPosition(0),
            Own = step >= DirectiveStep.Prepare ? [Shard(null)] : [],
            Persist = persist is { } snapshot ? new PersistDirective { Snapshot = snapshot, Manifest = manifest.IsDefault ? [] : manifest } : null,
            Committed = new Iteration(committed),
        });
        State.Commit(new Epoch(epoch), new Iteration(committed));
        Storage.Wake();
    }

    private async Task HaltAsync(long epoch)
    {
        Direct(epoch, DirectiveStep.Halt);
        await UntilAsync(() => Storage.StoreReport!.LookedIn == new Epoch(epoch), $"a look into storage in epoch {epoch}");
    }

    private async Task<ContentHash> PersistAsync(SnapshotId snapshot, int slot)
    {
        Ensure();
        var hash = Capture(slot, snapshot);
        Direct(epoch: 1, DirectiveStep.Run, snapshot, snapshot.Iteration.Value);
        await UntilAsync(PersistStage.Stored);
        Direct(epoch: 1, DirectiveStep.Run, snapshot, snapshot.Iteration.Value, Storage.PersistReport!.Shards);
        await UntilAsync(PersistStage.Completed);
        return hash;
    }

    private string? Load(SnapshotId snapshot, ContentHash hash) =>
        Run(() => Storage.LoadAsync(Shard(hash), snapshot, new Epoch(2), CancellationToken.None));

    private ShardDirective Shard(ContentHash? hash) => new() { Owner = Zero, PayloadBytes = PayloadBytes, Hash = hash, InStorage = hash is not null };

    private SnapshotId[] Offered() => [.. Storage.StoreReport!.Complete.Select(stored => stored.Snapshot).OrderDescending()];

    private Task UntilAsync(PersistStage stage) => UntilAsync(() => Storage.PersistReport?.Stage == stage, $"stage {stage}");
}
