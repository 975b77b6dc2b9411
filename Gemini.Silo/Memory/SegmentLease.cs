using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>
/// The right to read one snapshot of one shard. While a caller holds it, the mapping stays and no receive takes the slot; but a lease that only
/// watches does not block a receive.
/// </summary>
/// <remarks>
/// The owner's trainer overwrites its slot without asking. So a reader calls <see cref="StillHolds"/> after it has read, and trusts the bytes only if
/// the answer is yes. Ownership: the caller disposes, after every operation on memory of the lease has ended.
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

    /// <summary>The watermark: how many payload bytes are stored, from the start. Call <see cref="StillHolds"/> afterwards.</summary>
    public long CapturedBytes => _slot.Segment.CapturedBytes;

    /// <summary>Whether the snapshot is complete; also false if the slot no longer holds it.</summary>
    public bool IsSealed => _slot.Holds(Snapshot);

    /// <summary>The shard's hash. Valid only if <see cref="IsSealed"/> is true both before and after this read.</summary>
    public ContentHash Hash => _slot.Segment.Hash;

    /// <summary>Whether the slot still holds this snapshot, sealed. For a lease that follows a capture: sealed or still being written.</summary>
    public bool StillHolds()
    {
        Interlocked.MemoryBarrier();
        return _kind == LeaseKind.Follow ? _slot.HoldsOrCaptures(Snapshot) : _slot.Holds(Snapshot);
    }

    public ulong ChunkHash(int index) => _slot.Segment.ChunkHashes[index];

    /// <summary>The chunk's payload, in the mapping itself. Valid until this lease is disposed.</summary>
    public ReadOnlyMemory<byte> Chunk(int index) => _slot.Chunk(index);

    /// <summary>Whether the chunk table matches the shard's hash.</summary>
    internal bool IsTableSound() => _slot.Segment.HashOfChunkTable() == Hash;

    /// <summary>The slot; only for <see cref="HostMemory"/>.</summary>
    internal Slot Slot => _slot;

    /// <summary>Whether all bytes match the hash. Reads the whole payload. See <see cref="HostMemory.Verify"/>.</summary>
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
