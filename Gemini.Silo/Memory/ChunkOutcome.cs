namespace Gemini.Silo.Memory;

/// <summary>The result of a chunk that arrived.</summary>
internal enum ChunkOutcome
{
    Stored,

    /// <summary>The bytes in memory do not have the hash that was announced.</summary>
    HashMismatch,

    /// <summary>A newer epoch, a newer receive of the shard, or a discard has ended this receive.</summary>
    Stale,
}
