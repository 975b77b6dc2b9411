using System.IO.Hashing;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Model;
using Gemini.Silo.Persistence;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>A shard in plain memory, whose bytes derive from its rank and seed. It can also be the target of a read.</summary>
internal sealed class TestShard : IShardSource, IShardTarget
{
    public const int ChunkBytes = 4096;

    /// <summary>Three chunks, the last one short.</summary>
    public const int PayloadBytes = (2 * ChunkBytes) + 123;

    private readonly int _rank;

    public TestShard(int rank, int seed = 1)
    {
        _rank = rank;
        Bytes = new byte[PayloadBytes];
        if (seed != 0) new Random((seed * 31) + rank).NextBytes(Bytes);
    }

    public byte[] Bytes { get; }

    public StoredShard Description => new(new Rank(_rank), Hash(), PayloadBytes, ChunkBytes);

    public int ChunkCount => (PayloadBytes + ChunkBytes - 1) / ChunkBytes;

    /// <summary>How many chunks were read into this shard.</summary>
    public int Completed { get; private set; }

    public static TestShard Empty(int rank) => new(rank, seed: 0);

    ReadOnlyMemory<byte> IShardSource.Chunk(int index) => Chunk(index);

    public Memory<byte> Chunk(int index) => Bytes.AsMemory(index * ChunkBytes, Math.Min(ChunkBytes, PayloadBytes - (index * ChunkBytes)));

    public bool Complete(int index)
    {
        Assert.Equal(Completed, index);
        Completed++;
        return true;
    }

    private ContentHash Hash()
    {
        var table = Enumerable.Range(0, ChunkCount).Select(index => XxHash3.HashToUInt64(Chunk(index).Span)).ToArray();
        return new ContentHash(XxHash3.HashToUInt64(MemoryMarshal.AsBytes<ulong>(table)));
    }
}
