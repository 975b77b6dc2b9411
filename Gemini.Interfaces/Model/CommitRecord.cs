using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>The job's newest safe snapshot, shard by shard: who holds what, now.</summary>
[GenerateSerializer, Immutable, Alias("gemini.CommitRecord")]
public sealed record CommitRecord
{
    [Id(0)] public required Epoch Epoch { get; init; }

    /// <summary>The newest iteration for which every shard is sealed in its own host's memory.</summary>
    [Id(1)] public Iteration Captured { get; init; }

    /// <summary>The newest committed snapshot; null before the first commit, and while only the snapshot's iteration is known.</summary>
    [Id(2)] public SnapshotId? Committed { get; init; }

    /// <summary>The newest snapshot that is complete in persistent storage; null when none is known.</summary>
    [Id(3)] public SnapshotId? Persisted { get; init; }

    /// <summary>The committed snapshot's shards by rank; empty when <see cref="Committed"/> is null.</summary>
    [Id(4)] public ImmutableArray<ShardRecord> Shards { get; init; } = [];

    /// <summary>Groups that did not answer in time. For their shards, only the hosts' own reports are known.</summary>
    [Id(5)] public ImmutableArray<int> SilentGroups { get; init; } = [];
}
