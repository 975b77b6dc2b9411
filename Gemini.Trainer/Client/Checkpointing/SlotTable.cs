using Gemini.Interfaces.Model;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Decides which slot of the own shard the next snapshot is written to. Pure: it knows iterations, no files, threads or clocks.
/// </summary>
/// <remarks>
/// One slot holds the newest committed snapshot, the other the pending one. A slot is free when it is empty, when its
/// snapshot was abandoned, or when the other slot holds a newer committed one. A slot that is being written is never free.
/// Invariant: once a committed snapshot is in a slot, some slot holds a committed snapshot at least as new for ever after.
/// Not thread safe; the caller locks.
/// </remarks>
internal sealed class SlotTable
{
    /// <summary>Far more than can be abandoned while one capture is about to begin.</summary>
    private const int RememberedAbandonments = 64;

    private readonly Entry[] _entries;

    /// <summary>Abandoned iterations newer than the committed one: the word can come before the capture begins.</summary>
    private readonly SortedSet<Iteration> _abandoned = [];

    /// <param name="slotCount">How many slots there are.</param>
    /// <param name="restoredSlot">The slot that holds the snapshot that was resumed from, -1 for none. It counts as committed.</param>
    /// <param name="restored">That snapshot's iteration.</param>
    public SlotTable(int slotCount, int restoredSlot = -1, Iteration restored = default)
    {
        _entries = new Entry[slotCount];
        Committed = restored;
        if (restoredSlot >= 0) _entries[restoredSlot] = new Entry(SlotUse.Captured, restored);
    }

    /// <summary>The newest iteration that is known to be committed.</summary>
    public Iteration Committed { get; private set; }

    /// <summary>The newest snapshot that is captured, but neither committed nor abandoned; null when there is none.</summary>
    public Iteration? Pending =>
        _entries.Where(entry => entry.Use == SlotUse.Captured && entry.Iteration > Committed).Select(entry => (Iteration?)entry.Iteration).Max();

    public bool HasFreeSlot => Array.Exists(_entries, IsFree);

    /// <summary>Takes a free slot for a new snapshot; -1 when none is free. An empty slot is preferred to one that holds an old snapshot.</summary>
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
    /// Every shard of this iteration has its replicas. Commits only grow: an older one changes nothing. A commit outweighs an
    /// abandonment of the same iteration, should both ever be heard: keeping a slot too long is the lesser mistake.
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

    /// <summary>This iteration will never be committed. Says nothing about a committed one.</summary>
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
