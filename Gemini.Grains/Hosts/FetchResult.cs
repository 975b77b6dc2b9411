namespace Gemini.Grains.Hosts;

/// <summary>How a fetch ended, and with that whom to ask next.</summary>
public enum FetchResult
{
    /// <summary>The copy is in own memory, sealed, with the hash expected.</summary>
    Completed,

    /// <summary>The source answers and does not have the copy, or lost it on the way.</summary>
    SourceRefused,

    /// <summary>The source cannot be reached, or the connection broke.</summary>
    SourceFailed,

    /// <summary>What the source has is not what was expected: never ask it for this copy again.</summary>
    Corrupt,

    /// <summary>The epoch is over; the fetch is no longer wanted.</summary>
    Stale,

    /// <summary>The source did not answer in time.</summary>
    TimedOut,

    /// <summary>This host has no slot for the copy: not resident, another size, or in use for too long.</summary>
    LocalRefused,
}
