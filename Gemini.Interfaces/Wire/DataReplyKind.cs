namespace Gemini.Interfaces.Wire;

/// <summary>What the accepting side of a data-port connection answers.</summary>
public enum DataReplyKind
{
    /// <summary>To replicate: send the chunks. To probe: all its bytes have arrived.</summary>
    Accept = 1,

    /// <summary>To replicate and check: this host holds the snapshot sealed, with the given hash.</summary>
    Have = 2,

    /// <summary>Refused, for the given reason. If a replicate is running, the connection ends too.</summary>
    Refuse = 3,

    /// <summary>To the seal frame of a replicate: the copy is sealed.</summary>
    Sealed = 4,

    /// <summary>To fetch: the chunks follow. To chunk: the one chunk follows.</summary>
    Content = 5,
}
