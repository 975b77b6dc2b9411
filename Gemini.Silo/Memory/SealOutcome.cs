namespace Gemini.Silo.Memory;

/// <summary>The result of a receive whose transfer ran to its end.</summary>
internal enum SealOutcome
{
    Sealed,

    /// <summary>Not every chunk has arrived.</summary>
    Incomplete,

    /// <summary>The chunk table does not have the hash that was announced.</summary>
    HashMismatch,

    /// <summary>A newer epoch, a newer receive of the shard, or a discard has ended this receive.</summary>
    Stale,
}
