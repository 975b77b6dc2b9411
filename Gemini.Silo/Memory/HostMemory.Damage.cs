using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

// Copies that fail a check: given up, remembered for the report, or mended chunk by chunk.
internal sealed partial class HostMemory
{
    private const int RememberedDamages = 16;

    private ImmutableList<Damage> _damages = [];
    private int _damageCount;

    /// <summary>Raised after a copy was given up, outside all locks. Handlers must be quick.</summary>
    public event Action? Damaged;

    /// <summary>The newest copies that were given up, oldest first, and how many there ever were.</summary>
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
    /// Gives up a copy that failed a check: it is never offered again, and its slot may be used for another. A trainer that has
    /// begun to overwrite it in the meantime is not disturbed.
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

    /// <summary>Gives up an own copy of a snapshot that has another hash than the job has agreed on.</summary>
    public void QuarantineUnless(Rank owner, SnapshotId snapshot, ContentHash agreed)
    {
        ContentHash? hash;
        lock (_gate) hash = _shards.GetValueOrDefault(owner)?.Find(snapshot)?.Segment.Hash;
        if (hash is { } other && other != agreed) Quarantine(owner, snapshot, $"its hash is {other}, and the job has agreed on {agreed}");
    }

    /// <summary>
    /// Gives up what no longer has the header that its writer sealed. Which snapshot it was is not certain any more: the report has
    /// what the header says.
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

    /// <summary>A sealed copy to look at now and then, or null: it bars no receive. Ownership: the caller disposes.</summary>
    public SegmentLease? TryWatch(Rank owner, SnapshotId snapshot) => Lease(owner, snapshot, LeaseKind.Watch);

    /// <summary>Whether it is known what the shard is here for.</summary>
    public bool IsScrubbable(Rank owner)
    {
        lock (_gate) return _shards.TryGetValue(owner, out var shard) && shard.Role != ShardRole.Adopted;
    }

    /// <summary>Whether <see cref="TryMend"/> may write the shard: only the silo writes it.</summary>
    public bool IsMendable(Rank owner)
    {
        lock (_gate) return _shards.TryGetValue(owner, out var shard) && shard.Role is ShardRole.Held or ShardRole.Guest;
    }

    /// <summary>
    /// Writes the right bytes of a chunk over rotten ones, in a copy of which the silo is the only writer: never in an own
    /// shard, whose trainer may be about to overwrite the slot. Under the gate, so that no receive and no change of role comes
    /// between the check and the store. Returns false when the copy is no longer there.
    /// </summary>
    /// <param name="lease">A lease of the copy. Stays the caller's.</param>
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
