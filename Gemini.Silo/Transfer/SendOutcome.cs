namespace Gemini.Silo.Transfer;

/// <summary>How one attempt to send a replica ended.</summary>
internal enum SendOutcome
{
    /// <summary>The holder has sealed the snapshot.</summary>
    Acked,

    /// <summary>By now another snapshot is wanted, or none.</summary>
    Superseded,

    /// <summary>This attempt failed; the sender tries again.</summary>
    Failed,

    /// <summary>The connection of an earlier transfer was broken. The sender tries again at once, on a new one.</summary>
    Reconnect,
}
