using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>A complete snapshot in persistent storage, as its manifest describes it.</summary>
/// <param name="Snapshot">Which snapshot it is.</param>
/// <param name="Shards">By rank.</param>
[GenerateSerializer, Immutable, Alias("gemini.StoredSnapshot")]
public sealed record StoredSnapshot(SnapshotId Snapshot, ImmutableArray<StoredShard> Shards);
