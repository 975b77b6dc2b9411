using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>The shards for lack of which nothing can be restored.</summary>
/// <param name="Snapshot">The snapshot of which the most shards are there; null if no live host holds a shard of any.</param>
/// <param name="Ranks">Ranks whose shard of it no live host holds, ascending; every rank if there is no such snapshot. Never empty.</param>
[GenerateSerializer, Immutable, Alias("gemini.MissingShards")]
public sealed record MissingShards(SnapshotId? Snapshot, ImmutableArray<Rank> Ranks);
