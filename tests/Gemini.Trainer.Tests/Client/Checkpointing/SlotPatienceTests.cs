using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

public sealed class SlotPatienceTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    [Fact]
    public void Ask_NoSkipIsExpected_WaitsOnce_UntilASlotBecomesFree()
    {
        var patience = new SlotPatience(Wait, expectedSkips: 0, () => true);
        Assert.Equal((Wait, false), patience.Ask());
        patience.Skip(isExpected: false);
        Assert.Equal((TimeSpan.Zero, false), patience.Ask());
        patience.Renew();
        Assert.Equal((Wait, false), patience.Ask());
    }

    [Fact]
    public void Ask_SomeSkipsAreExpected_WaitsForTheOneAfterThem()
    {
        var patience = new SlotPatience(Wait, expectedSkips: 3, () => true);
        for (var skip = 0; skip < 3; skip++)
        {
            Assert.Equal((TimeSpan.Zero, true), patience.Ask());
            patience.Skip(isExpected: true);
        }

        Assert.Equal((Wait, false), patience.Ask());
        patience.Skip(isExpected: false);
        Assert.Equal((TimeSpan.Zero, false), patience.Ask());
        patience.Renew();
        Assert.Equal((TimeSpan.Zero, true), patience.Ask());
    }

    [Fact]
    public void Ask_WithoutASilo_NoSkipIsExpected()
    {
        var hasSilo = false;
        var patience = new SlotPatience(Wait, expectedSkips: 3, () => hasSilo);
        Assert.Equal((Wait, false), patience.Ask());
        hasSilo = true;
        Assert.Equal((TimeSpan.Zero, true), patience.Ask());
    }
}
