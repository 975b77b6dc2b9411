namespace Gemini.Grains.Hosts;

/// <summary>How a fetch ended. This decides which source is asked next.</summary>
public enum FetchResult
{
    /// <summary>The copy is in own memory, sealed, with the hash expected.</summary>
    Completed,

    /// <summary>The source answered that it does not have the copy, or lost the copy during the transfer.</summary>
    SourceRefused,

    /// <summary>The source cannot be reached, or the connection broke.</summary>
    SourceFailed,

    /// <summary>The source's bytes do not match the expected hash. Never ask the source for this copy again.</summary>
    Corrupt,

    /// <summary>The epoch is over; the fetch is no longer wanted.</summary>
    EpochOver,

    /// <summary>The source did not answer in time.</summary>
    TimedOut,

    /// <summary>This host has no slot for the copy: the shard is not resident, has another size, or its slots are in use for too long.</summary>
    LocalRefused,
}
