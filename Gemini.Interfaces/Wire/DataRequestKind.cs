namespace Gemini.Interfaces.Wire;

/// <summary>What a connected peer asks for.</summary>
public enum DataRequestKind
{
    /// <summary>The peer has a shard to send.</summary>
    Replicate = 1,

    /// <summary>The peer wants a copy.</summary>
    Fetch = 2,

    /// <summary>The peer wants one chunk of a copy, to replace a damaged chunk of its own copy.</summary>
    Chunk = 3,

    /// <summary>The peer got bytes that do not match their hash, and asks this host to check its own copy.</summary>
    Check = 4,

    /// <summary>The peer measures the path to this host. Its payload follows, and is dropped.</summary>
    Probe = 5,
}
