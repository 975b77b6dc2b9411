namespace Gemini.Trainer.Sharding;

/// <summary>How a flat vector of parameters is divided among ranks.</summary>
/// <remarks>
/// ZeRO (Rajbhandari et al., SC'20): rank r of N owns elements [r·S, (r+1)·S) of the vector padded to N·S elements, with S = ⌈parameters / N⌉. The
/// padding is at the end. It is zero and stays zero.
/// </remarks>
/// <param name="ParameterCount">Elements without padding.</param>
/// <param name="WorldSize">N.</param>
/// <param name="Rank">This rank.</param>
internal sealed record ShardLayout(long ParameterCount, int WorldSize, int Rank)
{
    /// <summary>S: elements that each rank owns.</summary>
    public long ShardCount => (ParameterCount + WorldSize - 1) / WorldSize;

    /// <summary>N·S.</summary>
    public long PaddedCount => ShardCount * WorldSize;

    /// <summary>First element of this rank's shard.</summary>
    public long ShardOffset => ShardCount * Rank;

    /// <summary>The part of [offset, offset + count) of the vector that lies in this rank's shard, relative to the shard.</summary>
    public (long Offset, long Count) Intersect(long offset, long count)
    {
        long start = Math.Max(offset, ShardOffset), end = Math.Min(offset + count, ShardOffset + ShardCount);
        return start < end ? (start - ShardOffset, end - start) : (0, 0);
    }
}
