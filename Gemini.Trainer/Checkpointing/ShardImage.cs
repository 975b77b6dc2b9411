using System.IO.Hashing;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Checkpointing;

/// <summary>
/// The live state seen as one payload: an ordered list of memory pieces, which captures read and restores write. The header
/// and the small buffers are pieces of a staging area, filled on the caller's thread.
/// </summary>
/// <remarks>Ownership: owns the staging area; the tensors' memory belongs to the state's user.</remarks>
internal sealed unsafe class ShardImage : IDisposable
{
    private readonly TrainingState _state;
    private readonly Piece[] _pieces;
    private readonly byte* _staging;
    private bool _disposed;

    public ShardImage(TrainingState state, int rank, int worldSize)
    {
        _state = state;
        Layout = SafetensorsLayout.Create(state, rank, worldSize);
        _staging = (byte*)NativeMemory.AlignedAlloc((nuint)(Layout.HeaderBytes + state.Buffers.Sum(buffer => buffer.Tensor.ByteLength)), 64);
        _pieces = LayOut();
    }

    public SafetensorsLayout Layout { get; }

    /// <summary>Copies the header's values and the small buffers of this iteration into the staging area.</summary>
    public void Stage(long iteration)
    {
        Layout.WriteHeader(Header, iteration);
        ForEachBuffer((buffer, bytes) => buffer.Write(bytes));
    }

    /// <summary>Sets the live values and small buffers from the staging area, after a restore has filled it.</summary>
    public void Unstage(string[] values)
    {
        ForEachBuffer((buffer, bytes) => buffer.Read(bytes));
        Layout.SetValues(values);
    }

    public Span<byte> Header => new(_staging, Layout.HeaderBytes);

    /// <summary>Copies payload bytes from <paramref name="offset"/> on into the target and returns their XxHash3-64.</summary>
    public ulong CopyOut(long offset, Span<byte> target)
    {
        var index = PieceAt(offset);
        var piece = _pieces[index];
        if (piece.Offset + piece.ByteLength >= offset + target.Length)
        {
            // The usual case: the chunk is part of one tensor. Hashing what is read, and not what was written, means that a
            // state changed in spite of the fence is found at the restore instead of being loaded.
            var source = new ReadOnlySpan<byte>(piece.Pointer + (offset - piece.Offset), target.Length);
            var hash = XxHash3.HashToUInt64(source);
            source.CopyTo(target);
            return hash;
        }

        Walk(offset, target.Length, index, target, static (live, bytes) => live.CopyTo(bytes));
        return XxHash3.HashToUInt64(target);
    }

    /// <summary>What a sealed segment of the staged state would hash to, without a segment.</summary>
    public ContentHash ComputeHash(int chunkBytes = SegmentLayout.DefaultChunkBytes)
    {
        var hashes = new ulong[SegmentLayout.ChunkCount(Layout.PayloadBytes, chunkBytes)];
        var chunk = new byte[chunkBytes];
        for (var index = 0; index < hashes.Length; index++)
        {
            var offset = (long)index * chunkBytes;
            hashes[index] = CopyOut(offset, chunk.AsSpan(0, (int)Math.Min(chunkBytes, Layout.PayloadBytes - offset)));
        }

        return new ContentHash(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(hashes.AsSpan())));
    }

    /// <summary>Copies payload bytes from <paramref name="offset"/> on into the live state.</summary>
    public void CopyIn(long offset, Span<byte> source) =>
        Walk(offset, source.Length, PieceAt(offset), source, static (live, bytes) => bytes.CopyTo(live));

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        NativeMemory.AlignedFree(_staging);
    }

    private void Walk(long offset, int length, int pieceIndex, Span<byte> bytes, SpanAction copy)
    {
        var done = 0;
        for (var index = pieceIndex; done < length; index++)
        {
            var piece = _pieces[index];
            var start = offset + done - piece.Offset;
            var count = (int)Math.Min(length - done, piece.ByteLength - start);
            if (count == 0) continue;
            copy(new Span<byte>(piece.Pointer + start, count), bytes.Slice(done, count));
            done += count;
        }
    }

    private int PieceAt(long offset)
    {
        var low = 0;
        for (var high = _pieces.Length - 1; low < high;)
        {
            var middle = (low + high + 1) / 2;
            if (_pieces[middle].Offset <= offset) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private Piece[] LayOut()
    {
        var pieces = new List<Piece> { new(_staging, Layout.HeaderBytes, 0) };
        var staged = _staging + Layout.HeaderBytes;
        long offset = Layout.HeaderBytes;
        foreach (var tensor in _state.Tensors)
        {
            var isBuffer = _state.Buffers.Any(buffer => ReferenceEquals(buffer.Tensor, tensor));
            pieces.Add(new Piece(isBuffer ? staged : (byte*)tensor.Pointer, tensor.ByteLength, offset));
            if (isBuffer) staged += tensor.ByteLength;
            offset += tensor.ByteLength;
        }

        return [.. pieces];
    }

    private void ForEachBuffer(BufferAction action)
    {
        var staged = _staging + Layout.HeaderBytes;
        foreach (var buffer in _state.Buffers)
        {
            action(buffer, new Span<byte>(staged, (int)buffer.Tensor.ByteLength));
            staged += buffer.Tensor.ByteLength;
        }
    }

    private delegate void SpanAction(Span<byte> live, Span<byte> bytes);

    private delegate void BufferAction(StateBuffer buffer, Span<byte> bytes);

    private readonly struct Piece(byte* pointer, long byteLength, long offset)
    {
        public readonly byte* Pointer = pointer;
        public readonly long ByteLength = byteLength;
        public readonly long Offset = offset;
    }
}
