namespace Gemini.Silo.Memory;

/// <summary>What became of a copy that was received to its end.</summary>
internal enum SealOutcome
{
    Sealed,

    /// <summary>Not every chunk has arrived.</summary>
    Incomplete,

    /// <summary>The chunk table does not have the hash that was announced.</summary>
    HashMismatch,

    /// <summary>The receive was overtaken: by a newer epoch, a newer receive of the shard, or a discard.</summary>
    Stale,
}
