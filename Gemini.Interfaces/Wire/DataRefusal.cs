namespace Gemini.Interfaces.Wire;

/// <summary>Why a request or a transfer was refused.</summary>
public enum DataRefusal
{
    None = 0,

    /// <summary>The request is of an epoch that is over, or a newer one began meanwhile.</summary>
    StaleEpoch = 1,

    /// <summary>This host does not hold that shard for its owner, or does not know yet that it should.</summary>
    UnknownShard = 2,

    /// <summary>The owner trains on this host; nobody else writes its shard.</summary>
    OwnShard = 3,

    /// <summary>Payload or chunk size differs from this host's.</summary>
    SizeMismatch = 4,

    /// <summary>No slot is free right now; try again.</summary>
    Busy = 5,

    /// <summary>To fetch: no sealed copy of that snapshot is here.</summary>
    NotHeld = 6,

    /// <summary>A chunk, or the chunk table, does not have the hash that was announced.</summary>
    HashMismatch = 7,

    /// <summary>A frame has a kind, index or length that cannot be.</summary>
    Malformed = 8,

    /// <summary>A newer transfer of the same shard took this one's place.</summary>
    Superseded = 9,
}
