using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

/// <summary>The two slots of one shard on one machine, by the rules of the silo's <c>ResidentShard</c>.</summary>
internal sealed class Shard
{
    public Shard(Rank owner) => Slots = [new Slot(owner), new Slot(owner)];

    public ShardRole Role { get; set; }

    /// <summary>Whether its files exist, so that the next silo finds them.</summary>
    public bool IsNamed { get; set; } = true;

    public Slot[] Slots { get; }

    public Slot? Find(SnapshotId snapshot) =>
        Array.Find(Slots, slot => slot.State == SlotState.Sealed && slot.IsHeaderSound && slot.Snapshot == snapshot);

    /// <summary>Never the slot that holds the committed snapshot; if that snapshot is not here, never the slot with the newest sealed one.</summary>
    public Slot? SlotToOverwrite(Iteration keep)
    {
        var kept = Slots.Where(slot => slot.State == SlotState.Sealed && slot.IsHeaderSound)
            .OrderByDescending(slot => slot.Snapshot.Iteration == keep).ThenByDescending(slot => slot.Snapshot).FirstOrDefault();
        return Slots.Where(slot => slot != kept && slot.Receiver is null).OrderBy(slot => slot.State).ThenBy(slot => slot.Snapshot).FirstOrDefault();
    }
}
