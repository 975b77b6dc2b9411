namespace Gemini.Interfaces.Wire;

/// <summary>What follows in a running transfer.</summary>
public enum ChunkFrameKind
{
    /// <summary>Payload bytes follow the frame.</summary>
    Chunk = 1,

    /// <summary>Every chunk was sent; the frame's hash is the shard's.</summary>
    Seal = 2,

    /// <summary>The source no longer holds the snapshot. The transfer ends here, and the connection is free for the next request.</summary>
    Abort = 3,

    /// <summary>The sender waits until training leaves the network to it. The frame's index is that of the next chunk.</summary>
    Wait = 4,
}
