using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>
/// The right to read one snapshot of one shard: while it is held the mapping stays, and, unless it only watches, no receive
/// takes the slot.
/// </summary>
/// <remarks>
/// The owner's trainer asks nobody before it overwrites its slot. A reader therefore calls <see cref="StillHolds"/> after it
/// has read, and trusts what it read only when that says yes. Ownership: the caller disposes, after every operation on
/// memory of the lease has ended.
/// </remarks>
internal sealed class SegmentLease : IDisposable
{
    private readonly HostMemory _memory;
    private readonly Slot _slot;
    private readonly LeaseKind _kind;
    private bool _disposed;

    internal SegmentLease(HostMemory memory, Slot slot, SnapshotId snapshot, LeaseKind kind)
    {
        _memory = memory;
        _slot = slot;
        _kind = kind;
        Snapshot = snapshot;
    }

    public SnapshotId Snapshot { get; }

    public int SlotIndex => _slot.Index;

    public Rank Owner => _slot.Segment.Owner;

    public long PayloadBytes => _slot.Segment.PayloadBytes;

    public int ChunkBytes => _slot.Segment.ChunkBytes;

    public int ChunkCount => _slot.Segment.ChunkCount;

    /// <summary>The watermark: payload bytes that are stored, from the start. Check <see cref="StillHolds"/> after it.</summary>
    public long CapturedBytes => _slot.Segment.CapturedBytes;

    /// <summary>Whether the snapshot is complete; false too when the slot holds it no more.</summary>
    public bool IsSealed => _slot.Holds(Snapshot);

    /// <summary>The shard's hash; means something when <see cref="IsSealed"/> was true before and is after.</summary>
    public ContentHash Hash => _slot.Segment.Hash;

    /// <summary>Whether the slot still holds this snapshot: sealed, or for a lease that follows a capture, being written.</summary>
    public bool StillHolds()
    {
        Interlocked.MemoryBarrier();
        return _kind == LeaseKind.Follow ? _slot.HoldsOrCaptures(Snapshot) : _slot.Holds(Snapshot);
    }

    public ulong ChunkHash(int index) => _slot.Segment.ChunkHashes[index];

    /// <summary>The chunk's payload, in the mapping itself. Valid until this lease is disposed.</summary>
    public ReadOnlyMemory<byte> Chunk(int index) => _slot.Chunk(index);

    /// <summary>Whether the chunk table is what the shard's hash says.</summary>
    internal bool IsTableSound() => _slot.Segment.HashOfChunkTable() == Hash;

    /// <summary>The slot, for the memory itself.</summary>
    internal Slot Slot => _slot;

    /// <summary>Whether the bytes are what the hash says; reads the whole payload. See <see cref="HostMemory.Verify"/>.</summary>
    internal bool Verify(ContentHash expected, out int badChunk)
    {
        badChunk = -1;
        if (Hash != expected || _slot.Segment.HashOfChunkTable() != expected) return false;
        badChunk = _slot.Segment.FindBadChunk();
        return badChunk < 0 && StillHolds();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _memory.Return(_slot, _kind);
    }
}
