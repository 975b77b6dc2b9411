namespace Gemini.Silo.Memory;

/// <summary>Why a receive did not begin.</summary>
internal enum ReceiveRefusal
{
    /// <summary>It did begin.</summary>
    None,

    /// <summary>The request's epoch is below the epoch floor, or its snapshot is of a newer epoch than the request itself.</summary>
    StaleEpoch,

    /// <summary>
    /// This host has no slots for the shard; or it does not know yet why it holds the shard; or the shard is a guest, which a peer must not write.
    /// </summary>
    UnknownShard,

    /// <summary>The owner trains on this host; a peer must not write its slots.</summary>
    OwnShard,

    /// <summary>Payload or chunk size differs from the resident shard's.</summary>
    SizeMismatch,

    /// <summary>The snapshot is sealed here already.</summary>
    AlreadyHeld,

    /// <summary>
    /// Every slot is in use or must be kept. The sender may try again: if a receive of the shard runs, it was told to end, unless its epoch is newer.
    /// </summary>
    Busy,
}
