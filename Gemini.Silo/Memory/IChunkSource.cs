namespace Gemini.Silo.Memory;

/// <summary>Where the right bytes of a rotten chunk come from.</summary>
internal interface IChunkSource
{
    /// <summary>Fills the target with a chunk that has the hash in the copy's own chunk table. False: nobody has it.</summary>
    /// <param name="copy">The copy that lacks it. Stays the caller's.</param>
    /// <param name="chunk">Index of the chunk.</param>
    /// <param name="target">As long as the chunk.</param>
    /// <param name="ct">Ends the search.</param>
    Task<bool> TryGetAsync(SegmentLease copy, int chunk, Memory<byte> target, CancellationToken ct);
}
