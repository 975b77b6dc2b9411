using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// The segments of one machine, by the rules of the silo's own <c>HostMemory</c>: two slots a shard, Free → Writing → Sealed, a fence,
/// one receive a shard. A slot also has its true content, so that a hash can be wrong about it.
/// </summary>
internal sealed class HostMemory(Machine machine, World world)
{
    private readonly SortedDictionary<Rank, Shard> _shards = [];

    /// <summary>Receives of an older epoch neither begin nor seal.</summary>
    public Epoch Fence { get; private set; }

    /// <summary>The copies that may be used: sealed, under a header that is as it was sealed.</summary>
    public IEnumerable<Slot> Sealed => SealedSlots.Where(slot => slot.IsHeaderSound);

    private IEnumerable<Slot> SealedSlots => _shards.Values.SelectMany(shard => shard.Slots).Where(slot => slot.State == SlotState.Sealed);

    /// <summary>What a new silo finds: every shard as it is, none of them to be written by others until a directive says so.</summary>
    public void Adopt()
    {
        Fence = default;
        foreach (var owner in _shards.Keys.Where(owner => !_shards[owner].IsNamed).ToList()) _shards.Remove(owner);
        GiveUpDamaged();
        foreach (var shard in _shards.Values)
        {
            shard.Role = ShardRole.Adopted;
            foreach (var slot in shard.Slots) slot.Receiver = null;
        }

        foreach (var slot in Sealed) RaiseFence(slot.Snapshot.Epoch);
    }

    public void RaiseFence(Epoch epoch)
    {
        if (epoch > Fence) Fence = epoch;
    }

    /// <summary>Bytes that the machine can hold in all; null: more than it needs.</summary>
    public long? RoomBytes => machine.Handicap == FaultKind.NoRoom ? _shards.Keys.Sum(BytesOf) : null;

    /// <summary>Whether these shards fit beside all others that are here.</summary>
    public bool Fits(IEnumerable<Rank> owners) => RoomBytes is null || owners.All(_shards.ContainsKey);

    public Shard Ensure(Rank owner, ShardRole role)
    {
        if (_shards.GetValueOrDefault(owner) is { IsNamed: false } && world.Has(Defect.NamelessThrownAway)) _shards.Remove(owner);
        if (!_shards.TryGetValue(owner, out var shard)) _shards.Add(owner, shard = new Shard(owner));
        (shard.Role, shard.IsNamed) = (role, true);
        return shard;
    }

    /// <summary>Somebody deletes the files. Whoever has them mapped keeps them.</summary>
    public void LoseNames()
    {
        foreach (var shard in _shards.Values) shard.IsNamed = false;
    }

    /// <summary>Makes the files again that only the silo writes. Returns whether own ones are missing: those are made when trainers have stopped.</summary>
    public bool RestoreNames()
    {
        if (world.Has(Defect.NamelessThrownAway)) return false;
        foreach (var shard in _shards.Values.Where(shard => shard.Role != ShardRole.Own)) shard.IsNamed = true;
        return _shards.Values.Any(shard => !shard.IsNamed);
    }

    /// <summary>What is here by the placement is no guest.</summary>
    public void EnsureGuest(Rank owner)
    {
        if (Find(owner) is not { Role: ShardRole.Own or ShardRole.Held }) Ensure(owner, ShardRole.Guest);
    }

    public bool HasGuests => _shards.Values.Any(shard => shard.Role == ShardRole.Guest);

    public void ReleaseGuests()
    {
        foreach (var owner in _shards.Keys.Where(owner => _shards[owner].Role == ShardRole.Guest).ToList()) _shards.Remove(owner);
    }

    public Shard? Find(Rank owner) => _shards.GetValueOrDefault(owner);

    public Slot? Find(Rank owner, SnapshotId snapshot) => Find(owner)?.Find(snapshot);

    public ImmutableArray<Replica> Inventory()
    {
        GiveUpDamaged();
        var offered = world.Has(Defect.HeaderNotChecked) ? SealedSlots : Sealed;
        return [.. offered.OrderBy(slot => slot.Owner).ThenBy(slot => slot.Snapshot).Select(slot => slot.ToReplica())];
    }

    public void DiscardNewerThan(SnapshotId snapshot) => Free(slot => slot.Snapshot.CompareTo(snapshot) > 0);

    public void DiscardAll() => Free(_ => true);

    public void Quarantine(Rank owner, SnapshotId snapshot)
    {
        if (Find(owner, snapshot) is { } slot) slot.Free();
    }

    /// <summary>Gives up an own copy that has another hash than the job has agreed on: it is in the way of the right one.</summary>
    public void QuarantineUnless(Rank owner, SnapshotId snapshot, ContentHash agreed)
    {
        if (world.Has(Defect.OutvotedCopyKept) || Find(owner, snapshot) is not { } slot || slot.Hash == agreed) return;
        world.Statistics.Count("outvoted copies that were given up");
        slot.Free();
    }

    /// <summary>Gives up what no longer has the header that was sealed.</summary>
    private void GiveUpDamaged()
    {
        if (world.Has(Defect.HeaderNotChecked)) return;
        foreach (var slot in SealedSlots.Where(slot => !slot.IsHeaderSound).ToList())
        {
            world.Statistics.Count("headers that were found rotten");
            slot.Free();
        }
    }

    public void ReleaseExcept(IReadOnlySet<Rank> owners)
    {
        foreach (var owner in _shards.Keys.Where(owner => !owners.Contains(owner) && _shards[owner].Role != ShardRole.Guest).ToList())
            _shards.Remove(owner);
    }

    /// <summary>Whether the copy is here and its bytes are what the hash says.</summary>
    public bool Verify(Rank owner, SnapshotId snapshot, ContentHash expected) =>
        Find(owner, snapshot) is { } slot && slot.Hash == expected && slot.IsSound;

    /// <summary>
    /// Begins to receive a copy: the slot that it goes to, null and the hash of the copy that is here already, null otherwise.
    /// </summary>
    public (Slot? Slot, ContentHash? Held) TryReceive(
        object receiver, Rank owner, SnapshotId snapshot, Epoch epoch, Iteration keep, bool fromPeer)
    {
        if (!IsFenceDown(epoch) && (epoch < Fence || epoch < snapshot.Epoch)) return default;
        if (Find(owner) is not { } shard) return default;
        if (shard.Find(snapshot) is { } held) return (null, held.Hash);
        if (shard.Role == ShardRole.Adopted || (shard.Role is ShardRole.Own or ShardRole.Guest && fromPeer)) return default;
        if (shard.Slots.FirstOrDefault(used => used.Receiver is not null) is { } busy)
        {
            if (busy.ReceiverEpoch <= epoch) busy.Receiver = null;
            if (busy.Receiver is null) busy.Free();
            return default;
        }

        if (shard.SlotToOverwrite(keep) is not { } slot) return default;
        world.Truths.Overwrites(machine, slot, snapshot);
        slot.BeginWrite(snapshot);
        (slot.Receiver, slot.ReceiverEpoch) = (receiver, epoch);
        return (slot, null);
    }

    /// <summary>Ends a receive: sealed, unless it was overtaken, or what came does not match its hash.</summary>
    public bool Seal(object receiver, Slot slot, Epoch epoch, ContentHash hash, ulong content)
    {
        if (slot.Receiver != receiver) return false;
        slot.Receiver = null;
        if ((epoch < Fence && !IsFenceDown(epoch)) || hash.Value != content)
        {
            slot.Free();
            return false;
        }

        slot.Seal(content);
        world.Truths.Sealed(machine, slot, epoch);
        return true;
    }

    private static long BytesOf(Rank owner) =>
        HostPaths.SlotCount * SegmentLayout.FileBytes(Slot.BytesOf(owner), SegmentLayout.DefaultChunkBytes);

    private bool IsFenceDown(Epoch epoch) => world.Has(Defect.FenceNotRaised) && epoch.Value >= Fence.Value - 1;

    private void Free(Func<Slot, bool> isUnwanted)
    {
        foreach (var slot in _shards.Values.SelectMany(shard => shard.Slots).Where(slot => slot.State != SlotState.Free && isUnwanted(slot))) slot.Free();
    }
}
