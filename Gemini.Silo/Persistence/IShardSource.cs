using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>A sealed shard to be written: bytes that hold still.</summary>
internal interface IShardSource
{
    /// <summary>Whose it is, its hash and its sizes.</summary>
    StoredShard Description { get; }

    int ChunkCount { get; }

    /// <summary>The chunk's payload, valid while the write runs.</summary>
    ReadOnlyMemory<byte> Chunk(int index);
}
