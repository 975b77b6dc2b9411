namespace Gemini.Interfaces.SharedMemory;

/// <summary>The life of a segment's content: <c>Free → Writing → Sealed</c>, and back to <c>Free</c> when it is given up.</summary>
/// <remarks>The stored values differ in two bits or more from <see cref="Sealed"/>, so that one flipped bit never makes a content whole.</remarks>
public enum SegmentState
{
    /// <summary>Holds nothing that may be read.</summary>
    Free = 0,

    /// <summary>A writer is at work, or died at work. Never loaded.</summary>
    Writing = 1,

    /// <summary>Complete: every byte, hash and header field was stored before this state was.</summary>
    Sealed = 6,

    /// <summary>No value that a writer stores: a bit has flipped. Never loaded; the content is lost.</summary>
    Damaged = -1,
}
