using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

/// <summary>The slots of one shard on this host. Guarded by the lock of its <see cref="HostMemory"/>.</summary>
internal sealed class ResidentShard(Rank owner)
{
    private readonly Slot?[] _slots = new Slot?[HostPaths.SlotCount];

    public Rank Owner => owner;

    public ShardRole Role { get; set; }

    /// <summary>The slots that exist; an adopted shard may lack some.</summary>
    public IEnumerable<Slot> Slots => _slots.OfType<Slot>();

    public Slot? this[int index]
    {
        get => _slots[index];
        set => _slots[index] = value;
    }

    public bool IsWritable => Role == ShardRole.Guest || (Role != ShardRole.Adopted && Array.TrueForAll(_slots, slot => slot is not null));

    public Slot? Find(SnapshotId snapshot) => Slots.FirstOrDefault(slot => slot.Holds(snapshot));

    /// <summary>
    /// The slot that a receive may overwrite, or null. Never the slot that a recovery may still need: that of the committed iteration
    /// <paramref name="keep"/>, or the newest sealed one if that iteration is not here. Of the others: first a free slot, then an unfinished one,
    /// then the oldest.
    /// </summary>
    public Slot? SlotToOverwrite(Iteration keep)
    {
        var kept = SlotToKeep(keep);
        return Slots.Where(slot => slot != kept && slot.Readers == 0 && slot.Receiver is null)
            .OrderBy(slot => slot.Segment.State)
            .ThenBy(slot => slot.Segment.Snapshot)
            .FirstOrDefault();
    }

    private Slot? SlotToKeep(Iteration keep)
    {
        var contents = Slots.Select(slot => (Slot: slot, slot.Content()?.Snapshot)).Where(content => content.Snapshot is not null).ToList();
        return contents
            .OrderByDescending(content => content.Snapshot!.Value.Iteration == keep)
            .ThenByDescending(content => content.Snapshot!.Value)
            .FirstOrDefault().Slot;
    }
}
