namespace Gemini.Silo.Persistence;

/// <summary>The destination of a stored shard that is read.</summary>
internal interface IShardTarget
{
    int ChunkCount { get; }

    /// <summary>The memory for the chunk.</summary>
    Memory<byte> Chunk(int index);

    /// <summary>The reader has stored the chunk. False: the rest is no longer wanted.</summary>
    bool Complete(int index);
}
