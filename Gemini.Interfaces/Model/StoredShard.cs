namespace Gemini.Interfaces.Model;

/// <summary>One shard of a snapshot in persistent storage.</summary>
/// <param name="Owner">The rank whose shard it is.</param>
/// <param name="Hash">Its hash, the same as in host memory.</param>
/// <param name="PayloadBytes">Size of its file.</param>
/// <param name="ChunkBytes">Payload bytes under one hash of the chunk table that <paramref name="Hash"/> covers.</param>
[GenerateSerializer, Immutable, Alias("gemini.StoredShard")]
public sealed record StoredShard(Rank Owner, ContentHash Hash, long PayloadBytes, int ChunkBytes);
