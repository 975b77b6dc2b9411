using CsCheck;
using Gemini.Interfaces.Model;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

public sealed class SlotTableTests
{
    [Fact]
    public void Begin_BothEmpty_TakesBothAndNoThird()
    {
        var table = new SlotTable(2);
        Assert.Equal(0, Capture(table, 1));
        Assert.Equal(1, Capture(table, 2));
        Assert.Equal(-1, table.Begin(At(3)));
    }

    [Fact]
    public void Commit_OfThePendingSnapshot_FreesTheOneBefore()
    {
        var table = new SlotTable(2);
        Capture(table, 1);
        table.Commit(At(1));
        Capture(table, 2);
        Assert.False(table.HasFreeSlot);
        table.Commit(At(2));
        Assert.Equal(0, table.Begin(At(3)));
    }

    [Fact]
    public void Abandon_FreesThePendingSnapshotOnly()
    {
        var table = new SlotTable(2);
        Capture(table, 1);
        table.Commit(At(1));
        Capture(table, 2);
        table.Abandon(At(1));
        Assert.False(table.HasFreeSlot);
        table.Abandon(At(2));
        Assert.Equal(1, table.Begin(At(3)));
    }

    [Fact]
    public void Abandon_BeforeTheCaptureBegins_FreesTheSlotWhenItIsSealed()
    {
        var table = new SlotTable(2, 0, At(1));
        table.Abandon(At(2));

        var slot = table.Begin(At(2));
        Assert.False(table.HasFreeSlot);
        table.Seal(slot);

        Assert.Equal(slot, table.Begin(At(3)));
    }

    [Fact]
    public void Abandon_WhileCapturing_FreesTheSlotWhenItIsSealed()
    {
        var table = new SlotTable(2);
        Capture(table, 1);
        table.Commit(At(1));
        var slot = table.Begin(At(2));
        table.Abandon(At(2));
        Assert.False(table.HasFreeSlot);
        table.Seal(slot);
        Assert.True(table.HasFreeSlot);
    }

    [Fact]
    public void RestoredSnapshot_CountsAsCommitted()
    {
        var table = new SlotTable(2, restoredSlot: 0, At(7));
        Assert.Equal(1, Capture(table, 8));
        Assert.False(table.HasFreeSlot);
        Assert.Equal(At(8), table.Pending);
        table.Commit(At(8));
        Assert.Equal(0, table.Begin(At(9)));
    }

    [Fact]
    public void Commit_BeforeTheOwnSeal_ProtectsTheSlotAfterwards()
    {
        var table = new SlotTable(2, restoredSlot: 0, At(1));
        var slot = table.Begin(At(2));
        table.Commit(At(2));
        Assert.False(table.HasFreeSlot);
        table.Seal(slot);
        Assert.Equal(0, table.Begin(At(3)));
        Assert.False(table.HasFreeSlot);
    }

    /// <summary>Any order of saves, seals, failures, commits and abandonments, also late and doubled ones.</summary>
    [Fact]
    public void AnyHistory_NeverOverwritesTheNewestCommittedSnapshot() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 4]).Array[0, 60].Sample(steps =>
        {
            var table = new SlotTable(2);
            var content = new long[2]; // The sealed iteration in each slot, as this test counts.
            var (next, writing, committed) = (1L, -1, 0L);
            foreach (var (action, back) in steps)
            {
                var target = Math.Max(1, next - back);
                switch (action)
                {
                    case 0 or 1 when writing < 0 && table.Begin(At(next)) is >= 0 and var slot:
                        var newest = content.Where(iteration => iteration <= committed).DefaultIfEmpty().Max();
                        Assert.False(content[slot] == newest && newest > 0, $"Slot {slot} held the newest committed snapshot {newest}.");
                        (content[slot], writing) = (0, slot);
                        next++;
                        break;
                    case 2 when writing >= 0:
                        table.Seal(writing);
                        (content[writing], writing) = (next - 1, -1);
                        break;
                    case 3 when writing >= 0:
                        table.Discard(writing);
                        writing = -1;
                        break;
                    case 4 when content.Contains(target):
                        table.Commit(At(target));
                        committed = Math.Max(committed, target);
                        break;
                    case 5:
                        table.Abandon(At(target));
                        for (var slot = 0; slot < 2; slot++) if (content[slot] == target && target > committed) content[slot] = 0;
                        break;
                }
            }
        }, iter: 20_000);

    private static int Capture(SlotTable table, long iteration)
    {
        var slot = table.Begin(At(iteration));
        table.Seal(slot);
        return slot;
    }

    private static Iteration At(long iteration) => new(iteration);

    [Fact]
    public void SealAndDiscard_SlotThatIsNotBeingWritten_AreMistakes()
    {
        var table = new SlotTable(2);
        Assert.Equal("Slot 0 is not being written; it is Empty.", Assert.Throws<InvalidOperationException>(() => table.Seal(0)).Message);
        Assert.Throws<InvalidOperationException>(() => table.Discard(1));
        var slot = table.Begin(new Iteration(1));
        table.Seal(slot);
        Assert.Equal($"Slot {slot} is not being written; it is Captured.", Assert.Throws<InvalidOperationException>(() => table.Seal(slot)).Message);
        Assert.Throws<InvalidOperationException>(() => table.Discard(slot));
    }

    [Fact]
    public void Discard_FailedCapture_FreesTheSlotAndIsNotPending()
    {
        var table = new SlotTable(1);
        var slot = table.Begin(new Iteration(1));
        Assert.Equal((false, -1), (table.HasFreeSlot, table.Begin(new Iteration(2))));
        table.Discard(slot);
        Assert.Equal((true, null, slot), (table.HasFreeSlot, table.Pending, table.Begin(new Iteration(2))));
    }

    /// <summary>Of all captured snapshots that are neither committed nor abandoned.</summary>
    [Fact]
    public void Pending_IsTheNewest()
    {
        var table = new SlotTable(3);
        Assert.Null(table.Pending);
        foreach (var iteration in (long[])[1, 2]) table.Seal(table.Begin(new Iteration(iteration)));
        table.Begin(new Iteration(3));
        Assert.Equal(new Iteration(2), table.Pending);
        table.Abandon(new Iteration(2));
        Assert.Equal(new Iteration(1), table.Pending);
        table.Commit(new Iteration(1));
        Assert.Null(table.Pending);
    }

    /// <summary>If both messages come, the commit wins: keeping a slot too long is the smaller mistake.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CommitAndAbandon_OfOneIteration_TheCommitWins(bool isAbandonedFirst)
    {
        var table = new SlotTable(1);
        table.Seal(table.Begin(new Iteration(1)));
        if (isAbandonedFirst) table.Abandon(new Iteration(1));
        table.Commit(new Iteration(1));
        table.Abandon(new Iteration(1));
        Assert.Equal((false, new Iteration(1)), (table.HasFreeSlot, table.Committed));
        table.Commit(new Iteration(0));
        Assert.Equal(new Iteration(1), table.Committed);
    }
}
