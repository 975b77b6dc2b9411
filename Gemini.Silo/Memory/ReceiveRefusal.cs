namespace Gemini.Silo.Memory;

/// <summary>Why a receive did not begin.</summary>
internal enum ReceiveRefusal
{
    /// <summary>It did begin.</summary>
    None,

    /// <summary>The request is of an epoch below the fence, or its snapshot claims an epoch that has not begun.</summary>
    StaleEpoch,

    /// <summary>This host has no slots for that shard, or does not know yet that it is to hold it.</summary>
    UnknownShard,

    /// <summary>The owner trains on this host; a peer must not write its slots.</summary>
    OwnShard,

    /// <summary>Payload or chunk size differs from the resident shard's.</summary>
    SizeMismatch,

    /// <summary>The snapshot is here, sealed.</summary>
    AlreadyHeld,

    /// <summary>Every slot is in use or must be kept. Worth trying again: a running receive of the shard was told to end.</summary>
    Busy,
}
