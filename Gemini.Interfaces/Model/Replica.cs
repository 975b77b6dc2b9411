namespace Gemini.Interfaces.Model;

/// <summary>One sealed copy of one shard of one snapshot, as a host holds it in memory.</summary>
/// <param name="Owner">The rank whose shard it is.</param>
/// <param name="Snapshot">The snapshot it belongs to.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="PayloadBytes">Size of the payload, without header and chunk table.</param>
[GenerateSerializer, Immutable, Alias("gemini.Replica")]
public sealed record Replica(Rank Owner, SnapshotId Snapshot, ContentHash Hash, long PayloadBytes);
