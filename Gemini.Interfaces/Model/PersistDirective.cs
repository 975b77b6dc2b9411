using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>Asks a host to bring its own ranks' shards of one snapshot to persistent storage.</summary>
[GenerateSerializer, Immutable, Alias("gemini.PersistDirective")]
public sealed record PersistDirective
{
    /// <summary>Named before it is captured, so that every host has the whole life of the slot to copy it.</summary>
    [Id(0)] public required SnapshotId Snapshot { get; init; }

    /// <summary>
    /// Every shard of the snapshot, by rank, once all hosts have stored theirs: this host is the one to write the manifest,
    /// which makes the stored snapshot complete. Empty for all other hosts, and before.
    /// </summary>
    [Id(1)] public ImmutableArray<StoredShard> Manifest { get; init; } = [];
}
