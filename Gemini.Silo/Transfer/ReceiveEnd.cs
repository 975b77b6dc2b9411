namespace Gemini.Silo.Transfer;

/// <summary>How a transfer ended at the receiving side.</summary>
internal enum ReceiveEnd
{
    Sealed,

    /// <summary>The source no longer holds the snapshot, and told us so.</summary>
    SourceGone,

    /// <summary>A frame that the protocol does not allow.</summary>
    Malformed,

    /// <summary>A chunk or the shard does not have the hash that was announced.</summary>
    HashMismatch,

    /// <summary>A newer epoch, a newer receive, or a discard has ended this receive.</summary>
    Stale,
}
