namespace Gemini.Interfaces.Model;

/// <summary>What the scrubber of one silo process did so far. All numbers only grow.</summary>
/// <param name="Bytes">Payload bytes of idle sealed copies that were hashed again.</param>
/// <param name="Copies">Copies that were gone through and found right.</param>
/// <param name="RottenChunks">Chunks whose bytes no longer had their hash.</param>
/// <param name="RepairedChunks">Of those, how many were fetched from a peer, checked, and written in their place.</param>
[GenerateSerializer, Immutable, Alias("gemini.ScrubReport")]
public sealed record ScrubReport(long Bytes = 0, long Copies = 0, long RottenChunks = 0, long RepairedChunks = 0);
