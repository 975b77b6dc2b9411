using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

// Copies that fail a check: quarantined, remembered for the report, or mended chunk by chunk.
internal sealed partial class HostMemory
{
    private const int RememberedDamages = 16;

    private ImmutableList<Damage> _damages = [];
    private int _damageCount;

    /// <summary>Raised after a copy was quarantined, outside all locks. Handlers must be quick.</summary>
    public event Action? Damaged;

    /// <summary>The newest quarantined copies, oldest first, and the number of all that there ever were.</summary>
    public (ImmutableList<Damage> Newest, int Count) Damages
    {
        get
        {
            lock (_gate) return (_damages, _damageCount);
        }
    }

    /// <summary>Whether a capture or a receive writes a slot right now.</summary>
    public bool IsBeingWritten
    {
        get
        {
            lock (_gate) return AllSlots().Any(slot => slot.Segment.State == SegmentState.Writing);
        }
    }

    /// <summary>
    /// Quarantines a copy that failed a check: it is never offered again, and its slot is free for another one. If a trainer has begun to overwrite
    /// the slot meanwhile, nothing happens.
    /// </summary>
    public void Quarantine(Rank owner, SnapshotId snapshot, string reason)
    {
        lock (_gate)
        {
            if (!_shards.TryGetValue(owner, out var shard) || shard.Find(snapshot) is not { } slot || !slot.Segment.GiveUp()) return;
            Remember(new Damage(owner, snapshot, reason));
        }

        Tell(new Damage(owner, snapshot, reason));
    }

    /// <summary>Quarantines this host's copy of a snapshot if its hash is not the one that the job has agreed on.</summary>
    public void QuarantineUnless(Rank owner, SnapshotId snapshot, ContentHash agreed)
    {
        ContentHash? hash;
        lock (_gate) hash = _shards.GetValueOrDefault(owner)?.Find(snapshot)?.Segment.Hash;
        if (hash is { } other && other != agreed) Quarantine(owner, snapshot, $"its hash is {other}, but the job has agreed on {agreed}");
    }

    /// <summary>
    /// Quarantines every copy whose header is no longer as its writer sealed it. The report names the snapshot that the damaged header names; that
    /// may be wrong.
    /// </summary>
    private void GiveUpDamaged()
    {
        List<Damage> found = [];
        lock (_gate)
        {
            foreach (var shard in _shards.Values)
            {
                foreach (var slot in shard.Slots.Where(slot => slot.Receiver is null))
                {
                    if (slot.Damage() is not { } reason || !slot.Segment.GiveUp()) continue;
                    found.Add(new Damage(shard.Owner, slot.Segment.Snapshot, reason));
                    Remember(found[^1]);
                }
            }
        }

        found.ForEach(Tell);
    }

    private void Remember(Damage damage)
    {
        _damages = _damages.Add(damage).RemoveRange(0, Math.Max(0, _damages.Count + 1 - RememberedDamages));
        _damageCount++;
    }

    private void Tell(Damage damage)
    {
        LogQuarantined(damage.Owner, damage.Snapshot, damage.Reason);
        Damaged?.Invoke();
    }

    /// <summary>A lease to watch a sealed copy, or null. It blocks no receive. Ownership: the caller disposes.</summary>
    public SegmentLease? TryWatch(Rank owner, SnapshotId snapshot) => Lease(owner, snapshot, LeaseKind.Watch);

    /// <summary>Whether this host knows why it holds the shard; not so for an adopted one.</summary>
    public bool IsScrubbable(Rank owner)
    {
        lock (_gate) return _shards.TryGetValue(owner, out var shard) && shard.Role != ShardRole.Adopted;
    }

    /// <summary>Whether <see cref="TryMend"/> may write the shard, because only the silo writes it.</summary>
    public bool IsMendable(Rank owner)
    {
        lock (_gate) return _shards.TryGetValue(owner, out var shard) && shard.Role is ShardRole.Held or ShardRole.Guest;
    }

    /// <summary>
    /// Writes the right bytes of a chunk over rotten ones, in a copy whose only writer is the silo. Never in an own shard, because its trainer may be
    /// about to overwrite the slot. Holds the lock, so that no receive and no change of role comes between the check and the store. Returns false if
    /// the copy is no longer there.
    /// </summary>
    /// <param name="lease">A lease of the copy. The caller keeps it.</param>
    /// <param name="chunk">Index of the chunk.</param>
    /// <param name="bytes">Its bytes, checked against the copy's own chunk table.</param>
    public bool TryMend(SegmentLease lease, int chunk, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var slot = lease.Slot;
            var isMendable = _shards.TryGetValue(lease.Owner, out var shard) && shard.Role is ShardRole.Held or ShardRole.Guest
                && shard[slot.Index] == slot && slot.Receiver is null && slot.Holds(lease.Snapshot);
            if (!isMendable) return false;
            bytes.CopyTo(slot.Segment.Chunk(chunk));
        }

        LogRepaired(chunk, lease.ChunkCount, lease.Owner, lease.Snapshot);
        return true;
    }
}
