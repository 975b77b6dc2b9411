using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Cluster;

/// <summary>The two slots of one shard on one machine, by the rules of the silo's <c>ResidentShard</c>.</summary>
internal sealed class Shard
{
    public Shard(Rank owner) => Slots = [new Slot(owner), new Slot(owner)];

    public ShardRole Role { get; set; }

    /// <summary>Its files are there for the next silo to find.</summary>
    public bool IsNamed { get; set; } = true;

    public Slot[] Slots { get; }

    public Slot? Find(SnapshotId snapshot) =>
        Array.Find(Slots, slot => slot.State == SlotState.Sealed && slot.IsHeaderSound && slot.Snapshot == snapshot);

    /// <summary>Never the one that holds the committed snapshot, or the newest sealed one when that is not here.</summary>
    public Slot? SlotToOverwrite(Iteration keep)
    {
        var kept = Slots.Where(slot => slot.State == SlotState.Sealed && slot.IsHeaderSound)
            .OrderByDescending(slot => slot.Snapshot.Iteration == keep).ThenByDescending(slot => slot.Snapshot).FirstOrDefault();
        return Slots.Where(slot => slot != kept && slot.Receiver is null).OrderBy(slot => slot.State).ThenBy(slot => slot.Snapshot).FirstOrDefault();
    }
}
