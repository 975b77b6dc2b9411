namespace Gemini.Trainer;

/// <summary>The command line's settings for a run without silos.</summary>
/// <param name="Rank">This rank.</param>
/// <param name="RingEndpoints">"address:port" of every rank, by rank. This rank listens at its own.</param>
/// <param name="SecretFile">File with the ranks' common secret; null: none.</param>
/// <param name="WithLosses">Whether the last line contains the loss of every iteration.</param>
/// <param name="WithHashes">Whether the line of every iteration is JSON with the hash of this rank's shard.</param>
internal sealed record StandaloneSettings(int Rank, IReadOnlyList<string> RingEndpoints, string? SecretFile, bool WithLosses, bool WithHashes);
