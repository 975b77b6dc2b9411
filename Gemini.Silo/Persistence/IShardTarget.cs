namespace Gemini.Silo.Persistence;

/// <summary>Where a stored shard is read to.</summary>
internal interface IShardTarget
{
    int ChunkCount { get; }

    /// <summary>Where the chunk goes.</summary>
    Memory<byte> Chunk(int index);

    /// <summary>The chunk is there. False: nobody wants the rest any more.</summary>
    bool Complete(int index);
}
