using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

// Receives: which may begin, which are overtaken, which may seal.
internal sealed partial class HostMemory
{
    /// <summary>
    /// Sets the epoch floor: receives of an older epoch are refused from now on; those that run are told to end and never seal. The floor never
    /// falls.
    /// </summary>
    public void RaiseEpochFloor(Epoch epoch)
    {
        List<ReceiveLease> overtaken = [];
        lock (_gate)
        {
            if (epoch.Value <= _epochFloor) return;
            Volatile.Write(ref _epochFloor, epoch.Value);
            foreach (var slot in AllSlots())
            {
                if (slot.Receiver is { } receiver && receiver.Request.Epoch < epoch) Overtake(receiver, overtaken);
            }
        }

        overtaken.ForEach(receiver => receiver.Revoke());
        LogEpochFloorRaised(epoch);
    }

    /// <summary>Begins to receive a copy, or returns why not.</summary>
    public ReceiveAttempt TryBeginReceive(in ReceiveRequest request)
    {
        List<ReceiveLease> overtaken = [];
        ReceiveAttempt attempt;
        lock (_gate) attempt = BeginReceive(request, overtaken);
        overtaken.ForEach(receiver => receiver.Revoke());
        return attempt;
    }

    /// <summary>
    /// Whether a receive may still write to a slot of the shard. A receive that was overtaken still writes until its last read has ended. A trainer
    /// must not get the slots before that.
    /// </summary>
    public bool IsReceiving(Rank owner)
    {
        lock (_gate) return _shards.TryGetValue(owner, out var shard) && shard.Slots.Any(slot => slot.Receiver is not null);
    }

    /// <summary>Whether the receive can no longer end in a seal.</summary>
    internal bool IsOvertaken(ReceiveLease lease) => lease.IsRevoked || lease.Request.Epoch < EpochFloor;

    internal SealOutcome Seal(ReceiveLease lease)
    {
        Replica? replica;
        lock (_gate)
        {
            if (IsOvertaken(lease)) return SealOutcome.Stale;
            lease.Slot.Segment.Seal();
            lease.IsSealed = true;
            lease.Slot.Receiver = null;
            replica = lease.Slot.Content();
        }

        if (replica is not null) Sealed?.Invoke(replica);
        return SealOutcome.Sealed;
    }

    /// <summary>A receive has ended.</summary>
    internal void Return(ReceiveLease lease)
    {
        lock (_gate)
        {
            if (lease.IsSealed) return;
            lease.Slot.Segment.Free();
            lease.Slot.Receiver = null;
            lease.Slot.UnmapIfUnused();
        }
    }

    private static void Overtake(ReceiveLease receiver, List<ReceiveLease> overtaken)
    {
        receiver.IsRevoked = true;
        overtaken.Add(receiver);
    }

    private ReceiveAttempt BeginReceive(in ReceiveRequest request, List<ReceiveLease> overtaken)
    {
        if (request.Epoch < EpochFloor || request.Epoch < request.Snapshot.Epoch) return ReceiveAttempt.Refused(ReceiveRefusal.StaleEpoch);
        if (!_shards.TryGetValue(request.Owner, out var shard)) return ReceiveAttempt.Refused(ReceiveRefusal.UnknownShard);
        if (shard.Find(request.Snapshot) is { } held) return new ReceiveAttempt(null, ReceiveRefusal.AlreadyHeld, held.Segment.Hash);
        if (!shard.IsWritable) return ReceiveAttempt.Refused(ReceiveRefusal.UnknownShard);
        if (shard.Role == ShardRole.Guest && request.Origin == ReceiveOrigin.Peer) return ReceiveAttempt.Refused(ReceiveRefusal.UnknownShard);
        if (shard.Role == ShardRole.Own && request.Origin == ReceiveOrigin.Peer) return ReceiveAttempt.Refused(ReceiveRefusal.OwnShard);
        foreach (var used in shard.Slots)
        {
            if (!used.HasSize(request.PayloadBytes, request.ChunkBytes)) return ReceiveAttempt.Refused(ReceiveRefusal.SizeMismatch);
        }

        foreach (var used in shard.Slots)
        {
            if (used.Receiver is not { } running) continue;
            if (running.Request.Epoch <= request.Epoch) Overtake(running, overtaken);
            return ReceiveAttempt.Refused(ReceiveRefusal.Busy);
        }

        if (shard.SlotToOverwrite(request.Keep) is not { } slot) return ReceiveAttempt.Refused(ReceiveRefusal.Busy);
        slot.Segment.BeginWrite(request.Snapshot);
        return new ReceiveAttempt(slot.Receiver = new ReceiveLease(this, slot, request), ReceiveRefusal.None);
    }
}
