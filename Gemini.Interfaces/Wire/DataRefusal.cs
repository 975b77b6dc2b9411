namespace Gemini.Interfaces.Wire;

/// <summary>Why a request or a transfer was refused.</summary>
public enum DataRefusal
{
    None = 0,

    /// <summary>
    /// The request is from an epoch that is over (or became so during the transfer), or its snapshot is from a later epoch than the request.
    /// </summary>
    StaleEpoch = 1,

    /// <summary>This host does not hold that shard, or does not know yet that it should.</summary>
    UnknownShard = 2,

    /// <summary>The owner trains on this host; peers may not write its shard.</summary>
    OwnShard = 3,

    /// <summary>Payload or chunk size differs from this host's, or the requested chunk does not exist.</summary>
    SizeMismatch = 4,

    /// <summary>No slot is free right now; try again.</summary>
    Busy = 5,

    /// <summary>To fetch, chunk or check: this host has no sealed copy of that snapshot, or has just found it bad.</summary>
    NotHeld = 6,

    /// <summary>A chunk or the chunk table does not match the announced hash.</summary>
    HashMismatch = 7,

    /// <summary>A frame has an invalid kind, index or length.</summary>
    Malformed = 8,

    /// <summary>A newer transfer of the same shard has replaced this one.</summary>
    Superseded = 9,
}
