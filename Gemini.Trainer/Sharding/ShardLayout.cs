namespace Gemini.Trainer.Sharding;

/// <summary>How the units of a model's parameters are divided among ranks.</summary>
/// <remarks>
/// ZeRO stage 3 (Rajbhandari et al., SC'20, section 5.3): each unit is padded to a multiple of N elements and divided into N equal parts, one for each
/// rank. The shard of a rank is its parts of all units, one after the other. The padding is at the end of each unit. It is zero and stays zero.
/// </remarks>
internal sealed class ShardLayout
{
    /// <param name="unitCounts">Elements of each unit, without padding.</param>
    /// <param name="worldSize">N.</param>
    /// <param name="rank">This rank.</param>
    public ShardLayout(IEnumerable<long> unitCounts, int worldSize, int rank)
    {
        (WorldSize, Rank) = (worldSize, rank);
        var parts = new List<UnitPart>();
        foreach (var count in unitCounts)
        {
            var part = new UnitPart(count, worldSize, rank, ShardCount);
            parts.Add(part);
            ShardCount += part.Count;
        }

        Parts = parts;
    }

    /// <summary>N.</summary>
    public int WorldSize { get; }

    public int Rank { get; }

    /// <summary>This rank's part of each unit, in the order of the units.</summary>
    public IReadOnlyList<UnitPart> Parts { get; }

    /// <summary>Elements that each rank owns.</summary>
    public long ShardCount { get; }

    /// <summary>For a snapshot's metadata: the elements of each unit, in order and without padding, such as "19584 28272 28272".</summary>
    public string Description => string.Join(' ', Parts.Select(part => part.UnitCount));
}
