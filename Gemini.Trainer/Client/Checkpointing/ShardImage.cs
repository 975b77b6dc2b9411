using System.IO.Hashing;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The live state seen as one payload: an ordered list of memory pieces, which captures read and restores write. The pieces of the header and of the
/// staged tensors are in a buffer of the image. The caller's thread fills this buffer.
/// </summary>
/// <remarks>Ownership: owns this buffer. The memory of the other tensors belongs to the user of the state.</remarks>
internal sealed unsafe class ShardImage : IDisposable
{
    private readonly TrainingState _state;
    private readonly StateTensor[] _tensors;
    private readonly Piece[] _pieces;
    private readonly byte* _staging;
    private bool _located;
    private bool _disposed;

    public ShardImage(TrainingState state, int rank, int worldSize)
    {
        _state = state;
        _tensors = [.. state.Tensors];
        Layout = SafetensorsLayout.Create(state, rank, worldSize);
        var stagedBytes = _tensors.Where(tensor => tensor.IsStaged).Sum(tensor => tensor.ByteLength);
        _staging = (byte*)NativeMemory.AlignedAlloc((nuint)(Layout.HeaderBytes + stagedBytes), 64);
        _pieces = LayOut();
    }

    public SafetensorsLayout Layout { get; }

    /// <summary>
    /// Finds the present addresses of the tensors and checks that they are still the tensors that were added. The thread that owns the state calls
    /// this at every save and restore. The addresses are used from the next <see cref="Stage"/> or <see cref="BeginFill"/> on.
    /// </summary>
    /// <exception cref="InvalidOperationException">A tensor is no longer the one that was added. The message names it.</exception>
    public void Locate()
    {
        _state.Refresh();
        for (var index = 0; index < _tensors.Length; index++)
            if (_tensors[index] is LocatedTensor tensor)
                _pieces[index + 1].Found = tensor.Locate();
        _located = true;
    }

    /// <summary>Fills the header for this iteration and copies the staged tensors into the image's buffer. No capture may be running.</summary>
    public void Stage(long iteration)
    {
        if (!_located) Locate();
        Use();
        Layout.WriteHeader(Header, iteration);
        foreach (var (tensor, bytes) in Staged())
            tensor.Write(new Span<byte>((void*)bytes, checked((int)tensor.ByteLength)));
    }

    /// <summary>Makes sure that every tensor has memory, so that <see cref="CopyIn"/> can fill it. No capture may be running.</summary>
    public void BeginFill()
    {
        foreach (var tensor in _tensors.OfType<LocatedTensor>()) tensor.Materialise();
        Locate();
        Use();
    }

    /// <summary>Sets the live values to the given ones, and the staged tensors from the image's buffer, after a restore has filled that.</summary>
    public void Unstage(string[] values)
    {
        foreach (var (tensor, bytes) in Staged())
            tensor.Read(new ReadOnlySpan<byte>((void*)bytes, (int)tensor.ByteLength));
        Layout.SetValues(values);
    }

    public Span<byte> Header => new(_staging, Layout.HeaderBytes);

    /// <summary>
    /// Copies payload bytes from <paramref name="offset"/> on into the target and returns their XxHash3-64. That is the hash of the live state and not
    /// of the copy. So if the state changes between hashing and copying, the restore finds it. Only the check mode finds a change at another moment.
    /// </summary>
    public ulong CopyOut(long offset, Span<byte> target)
    {
        var copy = new ChunkCopy();
        var index = PieceAt(offset);
        for (var done = 0; done < target.Length; index++)
        {
            var count = target.Length - done;
            var live = Part(index, offset + done, ref count);
            if (live == null) copy.AppendZeros(target.Slice(done, count));
            else copy.Append(new ReadOnlySpan<byte>(live, count), target.Slice(done, count));
            done += count;
        }

        return copy.End();
    }

    /// <summary>The hash that a sealed segment of this state would have, computed without a segment, after <see cref="Stage"/>.</summary>
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

    /// <summary>
    /// Copies payload bytes from <paramref name="offset"/> on into the live state, after <see cref="BeginFill"/>. Returns their XxHash3-64: if it is not
    /// the expected one, the state must not be used.
    /// </summary>
    public ulong CopyIn(long offset, ReadOnlySpan<byte> source)
    {
        var copy = new ChunkCopy();
        var index = PieceAt(offset);
        for (var done = 0; done < source.Length; index++)
        {
            var count = source.Length - done;
            var live = Part(index, offset + done, ref count);
            var part = source.Slice(done, count);
            if (live == null) copy.Skip(part);
            else copy.Append(part, new Span<byte>(live, count));
            done += count;
        }

        return copy.End();
    }

    /// <summary>
    /// A hash of each tensor that captures read in place, at its address as of the newest <see cref="Stage"/>. The check mode compares these hashes.
    /// </summary>
    public ulong[] HashTensors()
    {
        var hashes = new ulong[_tensors.Length];
        for (var index = 0; index < hashes.Length; index++)
            if (!_tensors[index].IsStaged) hashes[index] = HashOf(_pieces[index + 1]);
        return hashes;
    }

    /// <summary>Names of the tensors whose content differs from what <see cref="HashTensors"/> returned.</summary>
    public IEnumerable<string> ChangedSince(ulong[] hashes) =>
        HashTensors().Zip(hashes)
            .Index()
            .Where(pair => pair.Item.First != pair.Item.Second)
            .Select(pair => _tensors[pair.Index].Name);

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        NativeMemory.AlignedFree(_staging);
    }

    /// <summary>From now on captures and restores use the addresses that <see cref="Locate"/> found.</summary>
    private void Use()
    {
        foreach (ref var piece in _pieces.AsSpan())
            if (!piece.IsStaged) piece.Pointer = (byte*)piece.Found;
        _located = false;
    }

    private static ulong HashOf(Piece piece)
    {
        var hash = new XxHash3();
        const int MostAtOnce = 1 << 30; // The length of a span has 31 bits.
        for (long offset = 0; piece.Pointer != null && offset < piece.ByteLength; offset += MostAtOnce)
        {
            var count = (int)Math.Min(MostAtOnce, piece.ByteLength - offset);
            hash.Append(new ReadOnlySpan<byte>(piece.Pointer + offset, count));
        }

        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>The address of one piece's bytes from a payload offset on; null if the piece has no memory.</summary>
    /// <param name="index">Index of the piece.</param>
    /// <param name="offset">Offset in the payload.</param>
    /// <param name="count">In: how many bytes are wanted. Out: how many of them this piece has.</param>
    private byte* Part(int index, long offset, ref int count)
    {
        ref var piece = ref _pieces[index];
        var start = offset - piece.Offset;
        count = (int)Math.Min(count, piece.ByteLength - start);
        return piece.Pointer == null ? null : piece.Pointer + start;
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
        foreach (var tensor in _tensors)
        {
            pieces.Add(new Piece(tensor.IsStaged ? staged : null, tensor.ByteLength, offset));
            if (tensor.IsStaged) staged += tensor.ByteLength;
            offset += tensor.ByteLength;
        }

        return [.. pieces];
    }

    private IEnumerable<(StagedTensor Tensor, nint Bytes)> Staged() =>
        _tensors.Index()
            .Where(entry => entry.Item.IsStaged)
            .Select(entry => ((StagedTensor)entry.Item, (nint)_pieces[entry.Index + 1].Pointer));

    private struct Piece(byte* pointer, long byteLength, long offset)
    {
        public readonly bool IsStaged = pointer != null;
        public readonly long ByteLength = byteLength;
        public readonly long Offset = offset;
        public byte* Pointer = pointer;
        public nint Found;
    }
}
