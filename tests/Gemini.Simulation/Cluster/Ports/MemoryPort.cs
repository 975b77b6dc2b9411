using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>The machine's memory, as the worker agent of one silo process sees it.</summary>
internal sealed class MemoryPort(World world, Silo silo) : IHostMemory
{
    /// <summary>The memory of the machine's present life: a machine that was without power has a new one.</summary>
    private readonly HostMemory _memory = silo.Machine.Memory;

    public event Action<Replica>? Sealed;

    public event Action? Damaged;

    public JobRun Run => default;

    public ImmutableArray<LeftoverCopies> Leftovers => [];

    public (ImmutableList<Damage> Newest, int Count) Damages => ([], 0);

    public string? Warning => null;

    public long MemoryBytes => 0;

    public bool HasGuests => _memory.HasGuests;

    public long BytesFor(long payloadBytes) => HostPaths.SlotCount * SegmentLayout.FileBytes(payloadBytes, SegmentLayout.DefaultChunkBytes);

    public long? RoomBytes(long stagedBytes) => _memory.RoomBytes;

    public ImmutableArray<Replica> Inventory() => _memory.Inventory();

    /// <summary>All copies are of one run.</summary>
    public void Join(JobRun run)
    {
    }

    public void RaiseEpochFloor(Epoch epoch) => _memory.RaiseEpochFloor(epoch);

    public bool Fits(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes) =>
        _memory.Fits(shards.Select(shard => shard.Owner));

    public void CheckBudget(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes)
    {
        if (silo.Machine.MemoryProblem is { } problem) throw new IOException(problem);
        if (!Fits(shards, stagingBytes, stagedBytes)) throw new IOException("there is no room");
    }

    public void EnsureShard(Rank owner, long payloadBytes, ShardRole role) => _memory.Ensure(owner, role);

    public void ReleaseExcept(IReadOnlySet<Rank> owners) => _memory.ReleaseExcept(owners);

    public async Task<string?> EnsureGuestAsync(Rank owner, long payloadBytes, long ownNeedBytes, CancellationToken ct)
    {
        await silo.Delay(world.Dice.Between(1, 20));
        ct.ThrowIfCancellationRequested();
        if (_memory.Guests.Count() >= silo.Machine.GuestsMax) return "there is no room";
        _memory.EnsureGuest(owner);
        return null;
    }

    public void ReleaseGuests() => _memory.ReleaseGuests();

    public async Task<bool> VerifyAsync(Rank owner, SnapshotId snapshot, ContentHash expected, CancellationToken ct)
    {
        await silo.HangAsync(FaultKind.PrepareHang, ct);
        await silo.Delay(world.Dice.Between(1, 20));
        ct.ThrowIfCancellationRequested();
        return _memory.Verify(owner, snapshot, expected) || world.Has(Defect.HashNotChecked);
    }

    public void Quarantine(Rank owner, SnapshotId snapshot, string reason)
    {
        if (_memory.Find(owner, snapshot) is null) return;
        _memory.Quarantine(owner, snapshot);
        Damaged?.Invoke();
    }

    public void DiscardNewerThan(SnapshotId snapshot) => _memory.DiscardNewerThan(snapshot);

    public void DiscardAll()
    {
        world.Truths.Discards(silo.Machine);
        _memory.DiscardAll();
    }

    public bool IsReceiving(Rank owner) => _memory.Find(owner) is { } shard && Array.Exists(shard.Slots, slot => slot.Receiver is not null);

    public (string[] Slots, int LoadSlot) SlotsOf(Rank owner, SnapshotId? snapshot)
    {
        var shard = _memory.Find(owner);
        var slot = snapshot is { } wanted ? shard?.Find(wanted) : null;
        return (["0", "1"], slot is null ? -1 : Array.IndexOf(shard!.Slots, slot));
    }

    public bool RestoreFiles() => _memory.RestoreNames();

    /// <summary>A copy from a peer is sealed.</summary>
    public void NoteSealed(Slot slot) => Sealed?.Invoke(slot.ToReplica());

    /// <summary>Something other than the worker agent quarantined a copy.</summary>
    public void NoteDamaged() => Damaged?.Invoke();
}
