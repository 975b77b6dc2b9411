namespace Gemini.Silo.Transfer;

/// <summary>How one attempt to send a replica ended.</summary>
internal enum SendOutcome
{
    /// <summary>The holder has it, sealed.</summary>
    Acked,

    /// <summary>Another snapshot is wanted by now, or none.</summary>
    Superseded,

    /// <summary>Not this time; it is tried again.</summary>
    Failed,

    /// <summary>A connection kept from an earlier transfer was dead: tried again at once, on a new one.</summary>
    Reconnect,
}
