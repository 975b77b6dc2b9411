using TorchSharp;

namespace Gemini.Trainer.Sharding;

/// <summary>The part of one unit that one rank owns: elements [r·S, (r+1)·S) of the unit padded to N·S elements, with S = ⌈elements / N⌉.</summary>
/// <param name="UnitCount">Elements of the unit, without padding.</param>
/// <param name="WorldSize">N.</param>
/// <param name="Rank">r.</param>
/// <param name="ShardOffset">First element of this part in the rank's shard.</param>
internal sealed record UnitPart(long UnitCount, int WorldSize, int Rank, long ShardOffset)
{
    /// <summary>S.</summary>
    public long Count => (UnitCount + WorldSize - 1) / WorldSize;

    /// <summary>N·S.</summary>
    public long PaddedCount => Count * WorldSize;

    /// <summary>First element of this part in the unit.</summary>
    public long UnitOffset => Count * Rank;

    /// <summary>The part of [offset, offset + count) of the unit that this rank owns. The returned offset is relative to the rank's shard.</summary>
    public (long Offset, long Count) Intersect(long offset, long count)
    {
        long start = Math.Max(offset, UnitOffset), end = Math.Min(offset + count, UnitOffset + Count);
        return start < end ? (ShardOffset + start - UnitOffset, end - start) : (0, 0);
    }

    /// <summary>This part of a vector that has the layout of the rank's shard, such as its parameters. A view that the caller disposes.</summary>
    public torch.Tensor InShard(torch.Tensor shard) => shard.narrow(0, ShardOffset, Count);

    /// <summary>This part of a vector that has the layout of the padded unit. A view that the caller disposes.</summary>
    public torch.Tensor InUnit(torch.Tensor unit) => unit.narrow(0, UnitOffset, Count);
}
