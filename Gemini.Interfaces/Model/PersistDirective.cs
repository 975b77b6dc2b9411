using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>Asks a host to write its own ranks' shards of one snapshot to persistent storage.</summary>
[GenerateSerializer, Immutable, Alias("gemini.PersistDirective")]
public sealed record PersistDirective
{
    /// <summary>The root agent names the snapshot before it is captured, so that every host can copy it at any time until the slot is used again.</summary>
    [Id(0)] public required SnapshotId Snapshot { get; init; }

    /// <summary>
    /// Every shard of the snapshot, by rank. Set for one host, once all hosts have stored their shards: that host writes the manifest, which makes
    /// the stored snapshot complete. Empty before that, and for all other hosts.
    /// </summary>
    [Id(1)] public ImmutableArray<StoredShard> Manifest { get; init; } = [];
}
