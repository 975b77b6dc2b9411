using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gemini.Interfaces.SharedMemory;

/// <summary>
/// Copies a chunk, in one part or several, and hashes it. The bytes are read from memory only once: each piece is hashed, and then copied while it is
/// in the processor's cache.
/// </summary>
/// <remarks>
/// The hash is that of the source and not of the copy. So whoever compares the copy with it finds a change between the two. The copy is written past
/// the caches, because nobody reads it soon: an ordinary store would first read the old bytes from memory.
/// </remarks>
public sealed class ChunkCopy
{
    /// <summary>What is hashed and then copied at once. It fits the fastest caches, beside what else is in them.</summary>
    internal const int PieceBytes = 16 * 1024;

    private const int WarmUpBytes = 4096;

    /// <summary>The runtime compiles a method again, optimised, after 30 calls, and gemini-trainer after 1,000.</summary>
    private const int WarmUpCalls = 1100;

    private const int VectorBytes = 32;

    private readonly XxHash3 _hash = new();

    /// <summary>Copies the next part of the chunk.</summary>
    /// <param name="source">The part. Must not change meanwhile.</param>
    /// <param name="target">Where it begins in the copy; at least as long.</param>
    public void Append(ReadOnlySpan<byte> source, Span<byte> target)
    {
        for (var done = 0; done < source.Length; done += PieceBytes)
        {
            var piece = source.Slice(done, Math.Min(PieceBytes, source.Length - done));
            _hash.Append(piece);
            CopyPastCaches(piece, target.Slice(done, piece.Length));
        }
    }

    /// <summary>The next part of the chunk has no source. It is zero in the copy.</summary>
    public void AppendZeros(Span<byte> target)
    {
        target.Clear();
        _hash.Append(target);
    }

    /// <summary>The next part of the chunk is hashed and not copied.</summary>
    public void Skip(ReadOnlySpan<byte> source) => _hash.Append(source);

    /// <summary>Ends the chunk. All of it is visible to other processors before this method returns the XxHash3-64.</summary>
    public ulong End()
    {
        // Stores past the caches are not in order with later ones, such as that of the watermark.
        if (Sse.IsSupported) Sse.StoreFence();
        return _hash.GetCurrentHashAsUInt64();
    }

    /// <summary>
    /// Runs the code so often that the runtime optimises it, so that the first snapshot is copied as fast as the tenth. The runtime counts calls only while
    /// no other code begins to run, so call this several times while a program starts. Takes a millisecond when that is done.
    /// </summary>
    public static void WarmUp()
    {
        Span<byte> source = stackalloc byte[WarmUpBytes], target = stackalloc byte[WarmUpBytes];
        source.Clear();
        for (var call = 0; call < WarmUpCalls; call++)
        {
            var copy = new ChunkCopy();
            copy.Append(source, target);
            copy.End();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void CopyPastCaches(ReadOnlySpan<byte> source, Span<byte> target)
    {
        const int Stride = 4 * VectorBytes;
        fixed (byte* from = source, to = target)
        {
            // Such a store needs an aligned address.
            var done = (int)(-(nint)to & (VectorBytes - 1));
            if (!Vector256.IsHardwareAccelerated || done > source.Length) done = 0;
            else source[..done].CopyTo(target);
            for (; Vector256.IsHardwareAccelerated && done <= source.Length - Stride; done += Stride)
            {
                var (first, second) = (Vector256.Load(from + done), Vector256.Load(from + done + VectorBytes));
                var (third, fourth) = (Vector256.Load(from + done + (2 * VectorBytes)), Vector256.Load(from + done + (3 * VectorBytes)));
                first.StoreAlignedNonTemporal(to + done);
                second.StoreAlignedNonTemporal(to + done + VectorBytes);
                third.StoreAlignedNonTemporal(to + done + (2 * VectorBytes));
                fourth.StoreAlignedNonTemporal(to + done + (3 * VectorBytes));
            }

            source[done..].CopyTo(target[done..]);
        }
    }
}
