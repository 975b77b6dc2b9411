namespace Gemini.Interfaces.Model;

/// <summary>What the scrubber of one silo process has done so far. All numbers only grow.</summary>
/// <param name="Bytes">Payload bytes of idle sealed copies that were hashed again.</param>
/// <param name="Copies">Copies that were checked completely and found correct.</param>
/// <param name="RottenChunks">Chunks whose bytes no longer matched their hash.</param>
/// <param name="RepairedChunks">How many of these chunks were replaced with a checked chunk from a peer.</param>
[GenerateSerializer, Immutable, Alias("gemini.ScrubReport")]
public sealed record ScrubReport(long Bytes = 0, long Copies = 0, long RottenChunks = 0, long RepairedChunks = 0);
