namespace Gemini.Silo.Memory;

/// <summary>What became of a chunk that arrived.</summary>
internal enum ChunkOutcome
{
    Stored,

    /// <summary>The bytes in memory do not have the hash that was announced.</summary>
    HashMismatch,

    /// <summary>The receive was overtaken: by a newer epoch, a newer receive of the shard, or a discard.</summary>
    Stale,
}
