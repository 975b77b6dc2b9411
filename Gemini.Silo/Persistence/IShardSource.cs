using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>A sealed shard to write to storage. Its bytes do not change meanwhile.</summary>
internal interface IShardSource
{
    /// <summary>Its owner, hash and sizes.</summary>
    StoredShard Description { get; }

    int ChunkCount { get; }

    /// <summary>The chunk's payload, valid while the write runs.</summary>
    ReadOnlyMemory<byte> Chunk(int index);
}
