using System.IO.Hashing;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>Writes a slot step by step, like a trainer.</summary>
internal sealed class TestTrainer(string path) : IDisposable
{
    public MappedSegment Segment { get; } = MappedSegment.Open(path);

    /// <summary>The content of a chunk, derived from snapshot and index, so that a test can tell right from wrong copies.</summary>
    public static void Fill(Span<byte> chunk, SnapshotId snapshot, int index) =>
        new Random((((int)snapshot.Iteration.Value * 31) + (int)snapshot.Epoch.Value) ^ (index * 7919)).NextBytes(chunk);

    public void Begin(SnapshotId snapshot) => Segment.BeginWrite(snapshot);

    public void WriteChunk(int index)
    {
        var chunk = Segment.Chunk(index);
        Fill(chunk, Segment.Snapshot, index);
        Segment.ChunkHashes[index] = XxHash3.HashToUInt64(chunk);
        Segment.AdvanceCaptured(Math.Min((index + 1L) * Segment.ChunkBytes, Segment.PayloadBytes));
    }

    public ContentHash Capture(SnapshotId snapshot)
    {
        Begin(snapshot);
        for (var index = 0; index < Segment.ChunkCount; index++) WriteChunk(index);
        return Segment.Seal();
    }

    /// <summary>Whether the payload is exactly the one that a capture of that snapshot writes.</summary>
    public bool HasContentOf(SnapshotId snapshot)
    {
        var expected = new byte[Segment.ChunkBytes];
        for (var index = 0; index < Segment.ChunkCount; index++)
        {
            var chunk = Segment.Chunk(index);
            Fill(expected.AsSpan(0, chunk.Length), snapshot, index);
            if (!chunk.SequenceEqual(expected.AsSpan(0, chunk.Length))) return false;
        }

        return true;
    }

    public void Dispose() => Segment.Dispose();
}
