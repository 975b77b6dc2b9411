namespace Gemini.Interfaces.Model;

/// <summary>Where a shard was recovered from, best source first (paper §3.1).</summary>
[GenerateSerializer, Alias("gemini.CopySource")]
public enum CopySource
{
    /// <summary>Nothing to recover: the job starts from the beginning.</summary>
    None,

    /// <summary>The host's own memory.</summary>
    Local,

    /// <summary>A peer's memory, over the network.</summary>
    Peer,

    /// <summary>Persistent storage.</summary>
    Storage,
}
