using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>A host's answer to a <see cref="PersistDirective"/>.</summary>
[GenerateSerializer, Immutable, Alias("gemini.PersistReport")]
public sealed record PersistReport
{
    [Id(0)] public required SnapshotId Snapshot { get; init; }

    [Id(1)] public required PersistStage Stage { get; init; }

    /// <summary>The host's own shards, from <see cref="PersistStage.Stored"/> on.</summary>
    [Id(2)] public ImmutableArray<StoredShard> Shards { get; init; } = [];

    /// <summary>Why the host cannot write to storage. It tries again by itself. Null if nothing is wrong.</summary>
    [Id(3)] public string? Problem { get; init; }
}
