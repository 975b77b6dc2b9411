namespace Gemini.Trainer;

/// <summary>What the command line said about a run without silos.</summary>
/// <param name="Rank">This rank.</param>
/// <param name="RingEndpoints">"address:port" of every rank, by rank; the own one is listened at.</param>
/// <param name="SecretFile">The secret by which the ranks know each other; null: none.</param>
/// <param name="WithLosses">Whether the last line carries the loss of every iteration.</param>
/// <param name="WithHashes">Whether every iteration's line is JSON and carries the hash of its shard.</param>
internal sealed record StandaloneSettings(int Rank, IReadOnlyList<string> RingEndpoints, string? SecretFile, bool WithLosses, bool WithHashes);
