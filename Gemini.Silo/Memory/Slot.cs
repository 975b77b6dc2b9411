using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

/// <summary>One mapped segment and who uses it in this process.</summary>
/// <remarks>
/// <see cref="Readers"/>, <see cref="Watchers"/>, <see cref="Receiver"/> and <see cref="Retired"/> are guarded by the gate of the
/// <see cref="HostMemory"/> that owns the slot. Invariant: unmapped exactly once, when retired and in nobody's use.
/// </remarks>
internal sealed unsafe class Slot
{
    /// <summary><see cref="Memory{T}"/> counts in int, segments in long; a window is the most one range may cover.</summary>
    private const long WindowBytesMax = 1L << 30;

    private readonly MappedMemory[] _windows;
    private readonly int _chunksPerWindow;

    public Slot(int index, MappedSegment segment)
    {
        Index = index;
        Segment = segment;
        _chunksPerWindow = (int)Math.Max(1, WindowBytesMax / segment.ChunkBytes);
        var windowBytes = (long)_chunksPerWindow * segment.ChunkBytes;
        _windows = new MappedMemory[(segment.PayloadBytes + windowBytes - 1) / windowBytes];
        for (var window = 0; window < _windows.Length; window++)
        {
            var start = window * windowBytes;
            _windows[window] = new MappedMemory(segment.Payload + start, (int)Math.Min(windowBytes, segment.PayloadBytes - start));
        }
    }

    public int Index { get; }

    public MappedSegment Segment { get; }

    /// <summary>How many leases read this slot. A receive never takes a slot that is read.</summary>
    public int Readers { get; set; }

    /// <summary>How many leases only watch this slot: they keep its mapping, and a receive may take it all the same.</summary>
    public int Watchers { get; set; }

    /// <summary>The receive that writes this slot, if any.</summary>
    public ReceiveLease? Receiver { get; set; }

    /// <summary>Not resident any more: its file is gone, and the mapping goes with the last lease.</summary>
    public bool Retired { get; set; }

    /// <summary>Somebody deleted its file, and that has been said. Guarded by the lock of the memory's files.</summary>
    public bool IsFileLost { get; set; }

    private bool InUse => Readers > 0 || Watchers > 0 || Receiver is not null;

    /// <summary>The chunk's payload; valid while a lease of this slot is held. Allocates nothing.</summary>
    public Memory<byte> Chunk(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Segment.ChunkCount, nameof(index));
        var (window, chunk) = Math.DivRem(index, _chunksPerWindow);
        var range = _windows[window].Memory;
        var start = chunk * Segment.ChunkBytes;
        return range.Slice(start, Math.Min(Segment.ChunkBytes, range.Length - start));
    }

    public bool HasSize(long payloadBytes, int chunkBytes) => Segment.PayloadBytes == payloadBytes && Segment.ChunkBytes == chunkBytes;

    /// <summary>Whether the snapshot is here whole, under a header that is as its writer left it.</summary>
    public bool Holds(SnapshotId snapshot) => Segment.State == SegmentState.Sealed && Segment.Snapshot == snapshot && Segment.IsHeaderSound;

    public bool HoldsOrCaptures(SnapshotId snapshot) => Segment.State != SegmentState.Free && Segment.Snapshot == snapshot;

    /// <summary>
    /// What is sealed here, or null. A trainer may overwrite its slot at any time, so state and snapshot are read again
    /// after the rest: what did not change in between belongs together.
    /// </summary>
    public Replica? Content()
    {
        if (Segment.State != SegmentState.Sealed) return null;
        var replica = new Replica(Segment.Owner, Segment.Snapshot, Segment.Hash, Segment.PayloadBytes);
        Interlocked.MemoryBarrier();
        return Holds(replica.Snapshot) ? replica : null;
    }

    /// <summary>
    /// What is wrong with the header, or null. A trainer may overwrite its slot at any time and passes through headers that do not
    /// match their check; so a mismatch counts only if it is seen twice, with the state unchanged before, between and after.
    /// </summary>
    public string? Damage()
    {
        if (Segment.State == SegmentState.Damaged) return "its state is none that a writer stores";
        for (var look = 0; look < 2; look++)
        {
            if (Segment.State != SegmentState.Sealed || Segment.IsHeaderSound) return null;
            Interlocked.MemoryBarrier();
        }

        return Segment.State == SegmentState.Sealed ? "its header does not match its check" : null;
    }

    /// <summary>Unmaps a retired slot that nobody uses. Called under the gate after every change that could make it so.</summary>
    public void UnmapIfUnused()
    {
        if (!Retired || InUse) return;
        foreach (var window in _windows) window.Invalidate();
        Segment.Dispose();
    }
}
