namespace Gemini.Interfaces.SharedMemory;

/// <summary>The life of a segment's content: <c>Free → Writing → Sealed</c>, and back to <c>Free</c> when the content is discarded.</summary>
/// <remarks>
/// The other stored values differ from <see cref="Sealed"/> in at least two bits, so that one flipped bit never makes an incomplete content look
/// complete.
/// </remarks>
public enum SegmentState
{
    /// <summary>Holds nothing that may be read.</summary>
    Free = 0,

    /// <summary>A writer is writing, or died while writing. Never loaded.</summary>
    Writing = 1,

    /// <summary>Complete: every byte, hash and header field was stored before this state was.</summary>
    Sealed = 6,

    /// <summary>Not a value that a writer stores: a bit has flipped. Never loaded; the content is lost.</summary>
    Damaged = -1,
}
