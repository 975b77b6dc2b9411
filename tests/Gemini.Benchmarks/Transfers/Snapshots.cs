using System.IO.Hashing;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Benchmarks.Transfers;

/// <summary>Snapshots without a trainer.</summary>
internal static class Snapshots
{
    public static readonly SnapshotId First = Of(1);

    public static SnapshotId Of(long iteration) => new(new Iteration(iteration), new Epoch(1));

    /// <summary>Fills a segment with bytes that differ from chunk to chunk, and with their hashes.</summary>
    public static void Fill(MappedSegment segment, int seed)
    {
        var bytes = new byte[segment.ChunkBytes];
        new Random(seed).NextBytes(bytes);
        for (var index = 0; index < segment.ChunkCount; index++)
        {
            var chunk = segment.Chunk(index);
            bytes.AsSpan(0, chunk.Length).CopyTo(chunk);
            BitConverter.TryWriteBytes(chunk, index);
            segment.ChunkHashes[index] = XxHash3.HashToUInt64(chunk);
        }
    }

    /// <summary>Makes the segment's bytes another snapshot, as if it had been captured. Takes no time that depends on its size.</summary>
    public static void Seal(MappedSegment segment, SnapshotId snapshot)
    {
        segment.BeginWrite(snapshot);
        segment.Seal();
    }
}
