namespace Gemini.Interfaces.Wire;

/// <summary>What the accepting side of a data-port connection answers.</summary>
public enum DataReplyKind
{
    /// <summary>To replicate: send the chunks.</summary>
    Accept = 1,

    /// <summary>To replicate: this snapshot is here already, with the hash given.</summary>
    Have = 2,

    /// <summary>No, for the reason given. To a running replicate: the connection ends.</summary>
    Refuse = 3,

    /// <summary>To the seal frame of a replicate: the copy is sealed.</summary>
    Sealed = 4,

    /// <summary>To fetch: the chunks follow.</summary>
    Content = 5,
}
