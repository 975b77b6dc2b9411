using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Grains;

/// <summary>From where a trainer continues: what to load, where its slots are, and where its peers are.</summary>
[GenerateSerializer, Immutable, Alias("gemini.RestorePoint")]
public sealed record RestorePoint
{
    [Id(0)] public required Epoch Epoch { get; init; }

    /// <summary>The snapshot to load; null: start from the beginning.</summary>
    [Id(1)] public SnapshotId? Snapshot { get; init; }

    /// <summary>What the loaded shard must hash to; null with <see cref="Snapshot"/>.</summary>
    [Id(2)] public ContentHash? Hash { get; init; }

    /// <summary>Paths of the slots of the trainer's own shard; it maps and writes them.</summary>
    [Id(3)] public required ImmutableArray<string> Slots { get; init; }

    /// <summary>The slot that holds <see cref="Snapshot"/>; -1 at a fresh start.</summary>
    [Id(4)] public int LoadSlot { get; init; } = -1;

    /// <summary>"address:port" of every rank's ring listener, by rank.</summary>
    [Id(5)] public required ImmutableArray<string> RingEndpoints { get; init; }
}
