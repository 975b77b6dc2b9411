using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>One shard for which a host must have segments. For the owner's host also: from where to get the copy to load.</summary>
[GenerateSerializer, Immutable, Alias("gemini.ShardDirective")]
public sealed record ShardDirective
{
    [Id(0)] public required Rank Owner { get; init; }

    /// <summary>Size of the payload in bytes.</summary>
    [Id(1)] public required long PayloadBytes { get; init; }

    /// <summary>The other hosts that hold this shard's replicas by the placement; the owner's host sends to them.</summary>
    [Id(2)] public ImmutableArray<HostName> Holders { get; init; } = [];

    /// <summary>The expected hash of the copy to load; null if nothing is restored, or if this is not the owner's host.</summary>
    [Id(3)] public ContentHash? Hash { get; init; }

    /// <summary>
    /// Own shard: from where to get the copy, best source first; the host itself means its own memory. Held shard: the other hosts that hold it by
    /// the placement, the owner's host first. A damaged chunk is fetched from one of them.
    /// </summary>
    [Id(4)] public ImmutableArray<HostName> Sources { get; init; } = [];

    /// <summary>The copy to load is in persistent storage.</summary>
    [Id(5)] public bool InStorage { get; init; }
}
