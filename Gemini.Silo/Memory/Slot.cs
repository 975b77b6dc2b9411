using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

/// <summary>One mapped segment, and its users in this process.</summary>
/// <remarks>
/// <see cref="Readers"/>, <see cref="Watchers"/>, <see cref="Receiver"/> and <see cref="Retired"/> are guarded by the lock of the
/// <see cref="HostMemory"/> that owns the slot. Invariant: it is unmapped exactly once, when it is retired and nobody uses it.
/// </remarks>
internal sealed unsafe class Slot
{
    /// <summary><see cref="Memory{T}"/> counts in int, segments in long. One window has at most this many bytes.</summary>
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

    /// <summary>How many leases read this slot. A receive never takes a slot that has readers.</summary>
    public int Readers { get; set; }

    /// <summary>How many leases only watch this slot. They keep its mapping, but a receive may take the slot.</summary>
    public int Watchers { get; set; }

    /// <summary>The receive that writes this slot, if any.</summary>
    public ReceiveLease? Receiver { get; set; }

    /// <summary>No longer resident: its file is deleted, and it is unmapped with its last lease.</summary>
    public bool Retired { get; set; }

    /// <summary>Somebody deleted its file, and the log has said so. Guarded by the lock of the memory's files.</summary>
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

    /// <summary>Whether the slot holds the complete snapshot, with a sound header.</summary>
    public bool Holds(SnapshotId snapshot) => Segment.State == SegmentState.Sealed && Segment.Snapshot == snapshot && Segment.IsHeaderSound;

    public bool HoldsOrCaptures(SnapshotId snapshot) => Segment.State != SegmentState.Free && Segment.Snapshot == snapshot;

    /// <summary>
    /// The sealed copy in this slot, or null. A trainer may overwrite its slot at any time. So state and snapshot are read again at the end: if they
    /// have not changed, all the values belong together.
    /// </summary>
    public Replica? Content()
    {
        if (Segment.State != SegmentState.Sealed) return null;
        var replica = new Replica(Segment.Owner, Segment.Snapshot, Segment.Hash, Segment.PayloadBytes);
        Interlocked.MemoryBarrier();
        return Holds(replica.Snapshot) ? replica : null;
    }

    /// <summary>
    /// What is wrong with the header, or null. A trainer may overwrite its slot at any time, and while it does, the header does not match its check.
    /// So a mismatch counts only if it is seen twice, while the state is Sealed before, between and after.
    /// </summary>
    public string? Damage()
    {
        if (Segment.State == SegmentState.Damaged) return "its state is not one that a writer stores";
        for (var look = 0; look < 2; look++)
        {
            if (Segment.State != SegmentState.Sealed || Segment.IsHeaderSound) return null;
            Interlocked.MemoryBarrier();
        }

        return Segment.State == SegmentState.Sealed ? "its header does not match its check" : null;
    }

    /// <summary>Unmaps the slot if it is retired and nobody uses it. Called under the lock after every change that can make this true.</summary>
    public void UnmapIfUnused()
    {
        if (!Retired || InUse) return;
        foreach (var window in _windows) window.Invalidate();
        Segment.Dispose();
    }
}
