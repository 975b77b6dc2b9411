using System.Buffers;

namespace Gemini.Silo.Memory;

/// <summary>
/// A range of a mapped segment as <see cref="Memory{T}"/>, so that sockets read from it and write to it without a copy.
/// </summary>
/// <remarks>
/// Ownership: belongs to the <see cref="Slot"/> that owns the mapping and holds no memory itself. Memory made by it is valid
/// only while a <see cref="SegmentLease"/> or <see cref="ReceiveLease"/> of that slot is held, because the mapping goes with
/// the last lease; whoever starts an operation on it awaits the operation before the lease is given back. After
/// <see cref="Invalidate"/> every access throws.
/// </remarks>
internal sealed unsafe class MappedMemory(byte* start, int length) : MemoryManager<byte>
{
    private byte* _start = start;

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        return new Span<byte>(_start, length);
    }

    /// <summary>Mapped memory never moves, so pinning counts nothing.</summary>
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
