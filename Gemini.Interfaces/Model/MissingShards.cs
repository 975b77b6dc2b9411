using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>The missing shards without which nothing can be restored.</summary>
/// <param name="Snapshot">The snapshot with the most shards on present hosts; null if no present host holds a shard of any snapshot.</param>
/// <param name="Ranks">Ranks whose shard of that snapshot no present host holds, ascending; every rank if there is no such snapshot. Never empty.</param>
[GenerateSerializer, Immutable, Alias("gemini.MissingShards")]
public sealed record MissingShards(SnapshotId? Snapshot, ImmutableArray<Rank> Ranks);
