namespace Gemini.Silo.Memory;

/// <summary>Provides the right bytes of a rotten chunk.</summary>
internal interface IChunkSource
{
    /// <summary>Fills the target with a chunk that has the hash in the copy's own chunk table. False: no host has it.</summary>
    /// <param name="copy">The copy whose chunk is rotten. The caller keeps the lease.</param>
    /// <param name="chunk">Index of the chunk.</param>
    /// <param name="target">As long as the chunk.</param>
    /// <param name="ct">Ends the search.</param>
    Task<bool> TryGetAsync(SegmentLease copy, int chunk, Memory<byte> target, CancellationToken ct);
}
