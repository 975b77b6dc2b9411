using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// The segments of one machine, by the rules of the silo's own <c>HostMemory</c>: two slots per shard, Free → Writing → Sealed, an epoch floor, one
/// receive per shard. A slot also has its true content, so that a hash can be wrong about it.
/// </summary>
internal sealed class HostMemory(Machine machine, World world)
{
    private readonly SortedDictionary<Rank, Shard> _shards = [];

    /// <summary>The epoch floor: receives of an earlier epoch neither begin nor seal.</summary>
    public Epoch EpochFloor { get; private set; }

    /// <summary>The copies that may be used: sealed, with a header that is unchanged since the seal.</summary>
    public IEnumerable<Slot> Sealed => SealedSlots.Where(slot => slot.IsHeaderSound);

    private IEnumerable<Slot> SealedSlots => _shards.Values.SelectMany(shard => shard.Slots).Where(slot => slot.State == SlotState.Sealed);

    /// <summary>A new silo adopts every shard that it finds. Peers may write to none of them until a directive allows it.</summary>
    public void Adopt()
    {
        EpochFloor = default;
        foreach (var owner in _shards.Keys.Where(owner => !_shards[owner].IsNamed).ToList()) _shards.Remove(owner);
        GiveUpDamaged();
        foreach (var shard in _shards.Values)
        {
            shard.Role = ShardRole.Adopted;
            foreach (var slot in shard.Slots) slot.Receiver = null;
        }

        foreach (var slot in Sealed) RaiseEpochFloor(slot.Snapshot.Epoch);
    }

    public void RaiseEpochFloor(Epoch epoch)
    {
        if (epoch > EpochFloor) EpochFloor = epoch;
    }

    /// <summary>How many bytes the machine can hold in all; null: more than it needs.</summary>
    public long? RoomBytes => machine.Handicap == FaultKind.NoRoom ? _shards.Keys.Sum(BytesOf) : null;

    /// <summary>Whether these shards fit beside all others that this machine holds.</summary>
    public bool Fits(IEnumerable<Rank> owners) => RoomBytes is null || owners.All(_shards.ContainsKey);

    public Shard Ensure(Rank owner, ShardRole role)
    {
        if (_shards.GetValueOrDefault(owner) is { IsNamed: false } && world.Has(Defect.NamelessThrownAway)) _shards.Remove(owner);
        if (!_shards.TryGetValue(owner, out var shard)) _shards.Add(owner, shard = new Shard(owner));
        (shard.Role, shard.IsNamed) = (role, true);
        return shard;
    }

    /// <summary>The files are deleted. Processes that have them mapped keep their content.</summary>
    public void LoseNames()
    {
        foreach (var shard in _shards.Values) shard.IsNamed = false;
    }

    /// <summary>
    /// Makes the files again that only the silo writes. Returns whether own shards have no file: those files are made after the trainers have
    /// stopped.
    /// </summary>
    public bool RestoreNames()
    {
        if (world.Has(Defect.NamelessThrownAway)) return false;
        foreach (var shard in _shards.Values.Where(shard => shard.Role != ShardRole.Own)) shard.IsNamed = true;
        return _shards.Values.Any(shard => !shard.IsNamed);
    }

    /// <summary>Makes room for a guest, unless the placement already assigns this shard to the machine.</summary>
    public void EnsureGuest(Rank owner)
    {
        if (Find(owner) is not { Role: ShardRole.Own or ShardRole.Held }) Ensure(owner, ShardRole.Guest);
    }

    /// <summary>The owners of the shards that it has taken in.</summary>
    public IEnumerable<Rank> Guests => _shards.Keys.Where(owner => _shards[owner].Role == ShardRole.Guest);

    public bool HasGuests => Guests.Any();

    public void ReleaseGuests()
    {
        foreach (var owner in Guests.ToList()) _shards.Remove(owner);
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

    /// <summary>The bytes of every copy of the shard rot.</summary>
    public void Rot(Rank owner)
    {
        foreach (var slot in Sealed.Where(slot => slot.Owner == owner).ToList()) slot.Rot();
    }

    public void Quarantine(Rank owner, SnapshotId snapshot)
    {
        if (Find(owner, snapshot) is { } slot) slot.Free();
    }

    /// <summary>
    /// Discards an own copy whose hash is not the one that the job agreed on: it would block the slot for the right copy. Returns whether there was one.
    /// </summary>
    public bool QuarantineUnless(Rank owner, SnapshotId snapshot, ContentHash agreed)
    {
        if (world.Has(Defect.OutvotedCopyKept) || Find(owner, snapshot) is not { } slot || slot.Hash == agreed) return false;
        world.Statistics.Count("outvoted copies that were given up");
        slot.Free();
        return true;
    }

    /// <summary>Discards copies whose header changed after the seal.</summary>
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

    /// <summary>Whether the copy is here and its bytes match the hash.</summary>
    public bool Verify(Rank owner, SnapshotId snapshot, ContentHash expected) =>
        Find(owner, snapshot) is { } slot && slot.Hash == expected && slot.IsSound;

    /// <summary>
    /// Begins to receive a copy. Returns the slot to write to; or no slot and the hash of a copy that is already here; or neither, if refused.
    /// </summary>
    public (Slot? Slot, ContentHash? Held) TryReceive(
        object receiver, Rank owner, SnapshotId snapshot, Epoch epoch, Iteration keep, bool fromPeer)
    {
        if (!IsFloorDown(epoch) && (epoch < EpochFloor || epoch < snapshot.Epoch)) return default;
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

    /// <summary>Ends a receive. The slot is sealed, unless the receive was overtaken or the received bytes do not match their hash.</summary>
    public bool Seal(object receiver, Slot slot, Epoch epoch, ContentHash hash, ulong content)
    {
        if (slot.Receiver != receiver) return false;
        slot.Receiver = null;
        if ((epoch < EpochFloor && !IsFloorDown(epoch)) || hash.Value != content)
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

    private bool IsFloorDown(Epoch epoch) => world.Has(Defect.EpochFloorNotRaised) && epoch.Value >= EpochFloor.Value - 1;

    private void Free(Func<Slot, bool> isUnwanted)
    {
        foreach (var slot in _shards.Values.SelectMany(shard => shard.Slots).Where(slot => slot.State != SlotState.Free && isUnwanted(slot))) slot.Free();
    }
}
