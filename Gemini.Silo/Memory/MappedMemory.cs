using System.Buffers;

namespace Gemini.Silo.Memory;

/// <summary>
/// A range of a mapped segment as <see cref="Memory{T}"/>, so that sockets read from it and write to it without a copy.
/// </summary>
/// <remarks>
/// Ownership: belongs to the <see cref="Slot"/> that owns the mapping, and has no memory of its own. A <see cref="Memory{T}"/> made by it is valid
/// only while the caller holds a <see cref="SegmentLease"/> or <see cref="ReceiveLease"/> of that slot, because the mapping ends with the last lease.
/// So a caller awaits every operation on it before it disposes the lease. After <see cref="Invalidate"/> every access throws.
/// </remarks>
internal sealed unsafe class MappedMemory(byte* start, int length) : MemoryManager<byte>
{
    private byte* _start = start;

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        return new Span<byte>(_start, length);
    }

    /// <summary>Mapped memory never moves, so a pin need not be counted.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
        return new MemoryHandle(_start + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    public void Invalidate() => _start = null;

    protected override void Dispose(bool disposing) => Invalidate();
}
