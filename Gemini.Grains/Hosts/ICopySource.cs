using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>Brings copies from other hosts' memory into this host's.</summary>
public interface ICopySource
{
    /// <summary>
    /// Fetches one copy, verifies it, and seals it here. If this host already holds a copy with that hash, the fetch completes at once. If the bytes
    /// arrive wrong, the source checks its own copy. Every wait is bounded.
    /// </summary>
    /// <param name="endpoint">The source's data port.</param>
    /// <param name="owner">Whose shard. Its slots are resident here.</param>
    /// <param name="snapshot">Of which snapshot.</param>
    /// <param name="expected">The hash that the copy must have.</param>
    /// <param name="epoch">The epoch of the fetch. A newer epoch ends it.</param>
    /// <param name="ct">Ends the fetch.</param>
    Task<FetchOutcome> FetchAsync(
        string endpoint, Rank owner, SnapshotId snapshot, ContentHash expected, Epoch epoch, CancellationToken ct);
}
