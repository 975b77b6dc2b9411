namespace Gemini.Silo.Memory;

/// <summary>Who started a receive.</summary>
internal enum ReceiveOrigin
{
    /// <summary>The owner's host sends a replica. It may write shards that this host holds for it.</summary>
    Peer,

    /// <summary>This host fetches a copy. It may write its own shards too: no trainer writes while copies are fetched.</summary>
    Fetch,
}
