namespace Gemini.Interfaces.Wire;

/// <summary>What a connected peer asks for.</summary>
public enum DataRequestKind
{
    /// <summary>The peer has a shard to send.</summary>
    Replicate = 1,

    /// <summary>The peer wants a copy.</summary>
    Fetch = 2,
}
