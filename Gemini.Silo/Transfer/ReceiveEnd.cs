namespace Gemini.Silo.Transfer;

/// <summary>How the chunks of a transfer ended at the receiving side.</summary>
internal enum ReceiveEnd
{
    Sealed,

    /// <summary>The source no longer holds the snapshot, and said so.</summary>
    SourceGone,

    /// <summary>A frame that cannot be.</summary>
    Malformed,

    /// <summary>A chunk or the shard does not have the hash that was announced.</summary>
    HashMismatch,

    /// <summary>Overtaken by a newer epoch, a newer receive, or a discard.</summary>
    Stale,
}
