using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>One shard that a host has to have segments for, and, when it is the owner's host, where to take it from.</summary>
[GenerateSerializer, Immutable, Alias("gemini.ShardDirective")]
public sealed record ShardDirective
{
    [Id(0)] public required Rank Owner { get; init; }

    /// <summary>Size of the payload in bytes.</summary>
    [Id(1)] public required long PayloadBytes { get; init; }

    /// <summary>The other hosts that hold this shard's replicas by the placement; the owner's host sends to them.</summary>
    [Id(2)] public ImmutableArray<HostName> Holders { get; init; } = [];

    /// <summary>What the copy to load must hash to; null when nothing is restored or this host is not the owner's.</summary>
    [Id(3)] public ContentHash? Hash { get; init; }

    /// <summary>
    /// Own: where to take the copy from, best first; the host itself stands for its own memory. Held: the other hosts that hold
    /// the shard by the placement, its owner's first; from them a rotten chunk is taken.
    /// </summary>
    [Id(4)] public ImmutableArray<HostName> Sources { get; init; } = [];

    /// <summary>The copy to load is in persistent storage.</summary>
    [Id(5)] public bool InStorage { get; init; }
}
