using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>Which saves are left out so that an iteration shows what checkpoints cost.</summary>
public sealed class BaselineTurnTests
{
    [Fact]
    public void Takes_ASlotIsAlwaysFree_LeavesOutEachMultiple() =>
        Assert.Equal([10, 20, 30], LeftOut(new BaselineTurn(10), from: 1, to: 35, iteration => true));

    /// <summary>At iteration 10 an earlier snapshot is still being sent, and iteration 12 is the first that finds a free slot.</summary>
    [Fact]
    public void Takes_NoSlotIsFree_GoesOnUntilOneIs() =>
        Assert.Equal([10, 11, 12, 20], LeftOut(new BaselineTurn(10), from: 1, to: 25, iteration => iteration is < 10 or > 11));

    /// <summary>The turn of iteration 20 was before the failure.</summary>
    [Fact]
    public void Takes_AfterARestore_GoesOnFromThere() =>
        Assert.Equal([30], LeftOut(new BaselineTurn(10, restored: 24), from: 25, to: 35, iteration => true));

    /// <summary>A loop that saves every seventh iteration.</summary>
    [Fact]
    public void Takes_SavesAreRare_TheFirstOneAfterAMultiple()
    {
        var turn = new BaselineTurn(10);
        Assert.Equal([14, 21, 35, 42, 56], new[] { 7, 14, 21, 28, 35, 42, 49, 56 }.Where(iteration => turn.Takes(iteration, isSlotFree: true)));
    }

    [Fact]
    public void Takes_Zero_LeavesOutNone() => Assert.Empty(LeftOut(new BaselineTurn(0), from: 1, to: 200, iteration => true));

    private static IEnumerable<int> LeftOut(BaselineTurn turn, int from, int to, Func<int, bool> isSlotFree) =>
        [.. Enumerable.Range(from, to - from + 1).Where(iteration => turn.Takes(iteration, isSlotFree(iteration)))];
}
