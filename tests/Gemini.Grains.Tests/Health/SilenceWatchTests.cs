using Gemini.Grains.Health;

namespace Gemini.Grains.Tests.Health;

public sealed class SilenceWatchTests
{
    private readonly SilenceWatch<int> _watch = new();

    [Fact]
    public void Look_NothingChanges_TimeAddsUp()
    {
        for (var now = 0; now <= 5_000; now += 100) _watch.Look(7, now);
        Assert.Equal(5_000, _watch.Quiet);
    }

    [Fact]
    public void Look_Change_BeginsAnew()
    {
        _watch.Look(7, 0);
        _watch.Look(7, 900);
        _watch.Look(8, 1_000);
        Assert.Equal(0, _watch.Quiet);
        _watch.Look(8, 1_100);
        Assert.Equal(100, _watch.Quiet);
    }

    [Fact]
    public void Look_AfterAPauseOfTheWatcher_OrAClockThatWentBack_CountsAMoment()
    {
        _watch.Look(7, 1_000_000);
        _watch.Look(7, 1_060_000);
        Assert.Equal(1_000, _watch.Quiet);
        _watch.Look(7, 500_000);
        Assert.Equal(1_000, _watch.Quiet);
    }

    [Fact]
    public void Reset_TheNextLookIsTheFirst()
    {
        _watch.Look(7, 0);
        _watch.Look(7, 500);
        _watch.Reset();
        _watch.Look(7, 600);
        Assert.Equal(0, _watch.Quiet);
    }
}
