using Gemini.Interfaces.Model;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Decides to which slot of the own shard the next snapshot is written. Pure: it knows only iterations, no files, threads or clocks.
/// </summary>
/// <remarks>
/// One slot holds the newest committed snapshot, the other the pending one. A slot is free if it is empty, if its snapshot was abandoned, or if the
/// other slot holds a newer committed snapshot. A slot that is being written is never free. Invariant: once a slot holds a committed snapshot, from
/// then on some slot holds a committed snapshot that is at least as new. Not thread safe; the caller locks.
/// </remarks>
internal sealed class SlotTable
{
    /// <summary>Far more iterations than can be abandoned before one capture begins.</summary>
    private const int RememberedAbandonments = 64;

    private readonly Entry[] _entries;

    /// <summary>Abandoned iterations that are newer than the committed one. The message can arrive before the capture of the iteration begins.</summary>
    private readonly SortedSet<Iteration> _abandoned = [];

    /// <param name="slotCount">How many slots there are.</param>
    /// <param name="restoredSlot">The slot with the snapshot that the trainer resumed from; -1 for none. That snapshot counts as committed.</param>
    /// <param name="restored">That snapshot's iteration.</param>
    public SlotTable(int slotCount, int restoredSlot = -1, Iteration restored = default)
    {
        _entries = new Entry[slotCount];
        Committed = restored;
        if (restoredSlot >= 0) _entries[restoredSlot] = new Entry(SlotUse.Captured, restored);
    }

    /// <summary>The newest iteration that is known to be committed.</summary>
    public Iteration Committed { get; private set; }

    /// <summary>The newest snapshot that is captured, but neither committed nor abandoned; null if there is none.</summary>
    public Iteration? Pending =>
        _entries.Where(entry => entry.Use == SlotUse.Captured && entry.Iteration > Committed).Select(entry => (Iteration?)entry.Iteration).Max();

    public bool HasFreeSlot => Array.Exists(_entries, IsFree);

    /// <summary>Takes a free slot for a new snapshot; -1 if none is free. Prefers an empty slot to a slot with an old snapshot.</summary>
    public int Begin(Iteration iteration)
    {
        var slot = Array.FindIndex(_entries, entry => entry.Use is SlotUse.Empty or SlotUse.Abandoned);
        if (slot < 0) slot = Array.FindIndex(_entries, IsFree);
        if (slot >= 0) _entries[slot] = new Entry(_abandoned.Contains(iteration) ? SlotUse.CapturingAbandoned : SlotUse.Capturing, iteration);
        return slot;
    }

    /// <summary>The snapshot in the slot is sealed.</summary>
    public void Seal(int slot)
    {
        var entry = Written(slot);
        _entries[slot] = entry with { Use = entry.Use == SlotUse.CapturingAbandoned ? SlotUse.Abandoned : SlotUse.Captured };
    }

    /// <summary>The capture into the slot failed; the slot holds nothing.</summary>
    public void Discard(int slot)
    {
        Written(slot);
        _entries[slot] = default;
    }

    /// <summary>
    /// Every shard of this iteration has its replicas. Commits only grow: a commit of an older iteration changes nothing. If both a commit and an
    /// abandonment of the same iteration arrive, the commit wins, because keeping a slot too long is the smaller mistake.
    /// </summary>
    public void Commit(Iteration iteration)
    {
        if (iteration <= Committed) return;
        Committed = iteration;
        _abandoned.RemoveWhere(abandoned => abandoned <= iteration);
        for (var slot = 0; slot < _entries.Length; slot++)
        {
            var entry = _entries[slot];
            if (entry.Iteration != iteration) continue;
            if (entry.Use == SlotUse.Abandoned) _entries[slot] = entry with { Use = SlotUse.Captured };
            if (entry.Use == SlotUse.CapturingAbandoned) _entries[slot] = entry with { Use = SlotUse.Capturing };
        }
    }

    /// <summary>This iteration will never be committed. Ignored if the iteration is committed already.</summary>
    public void Abandon(Iteration iteration)
    {
        if (iteration <= Committed) return;
        _abandoned.Add(iteration);
        if (_abandoned.Count > RememberedAbandonments) _abandoned.Remove(_abandoned.Min);
        for (var slot = 0; slot < _entries.Length; slot++)
        {
            var entry = _entries[slot];
            if (entry.Iteration != iteration) continue;
            if (entry.Use == SlotUse.Captured) _entries[slot] = entry with { Use = SlotUse.Abandoned };
            if (entry.Use == SlotUse.Capturing) _entries[slot] = entry with { Use = SlotUse.CapturingAbandoned };
        }
    }

    private bool IsFree(Entry entry) => entry.Use switch
    {
        SlotUse.Empty or SlotUse.Abandoned => true,
        SlotUse.Captured => entry.Iteration <= Committed && entry.Iteration < NewestCommittedHeld(),
        _ => false,
    };

    private Iteration NewestCommittedHeld() =>
        _entries.Where(entry => entry.Use == SlotUse.Captured && entry.Iteration <= Committed).Max(entry => entry.Iteration);

    private Entry Written(int slot)
    {
        var entry = _entries[slot];
        if (entry.Use is not (SlotUse.Capturing or SlotUse.CapturingAbandoned))
            throw new InvalidOperationException($"Slot {slot} is not being written; it is {entry.Use}.");
        return entry;
    }

    private enum SlotUse
    {
        Empty,
        Capturing,
        CapturingAbandoned,
        Captured,
        Abandoned,
    }

    private readonly record struct Entry(SlotUse Use, Iteration Iteration);
}
