using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>Brings copies from other hosts' memory into this host's.</summary>
public interface ICopySource
{
    /// <summary>
    /// Fetches one copy, verified, and seals it here. What is here already with that hash completes at once. Bytes that arrive wrong make the source
    /// look at its own copy. Every wait is bounded.
    /// </summary>
    /// <param name="endpoint">The source's data port.</param>
    /// <param name="owner">Whose shard. Its slots are resident here.</param>
    /// <param name="snapshot">Of which snapshot.</param>
    /// <param name="expected">What the copy's bytes are.</param>
    /// <param name="epoch">A newer epoch overtakes the fetch.</param>
    /// <param name="ct">Ends the fetch.</param>
    Task<FetchOutcome> FetchAsync(
        string endpoint, Rank owner, SnapshotId snapshot, ContentHash expected, Epoch epoch, CancellationToken ct);
}
