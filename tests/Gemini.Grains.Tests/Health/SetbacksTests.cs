using Gemini.Grains.Health;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Health;

public sealed class SetbacksTests
{
    private static readonly HostName Host = new("h1");
    private readonly Setbacks _setbacks = new(new HealthOptions());

    [Fact]
    public void Note_AgainAndAgain_PauseDoublesUpToTheLimit()
    {
        var pauses = new List<long>();
        var now = 0L;
        for (var count = 0; count < 7; count++)
        {
            _setbacks.Note(Host, "no device", now);
            pauses.Add(_setbacks.PauseLeft(Host, now));
            now += pauses[^1];
            Assert.Equal(0, _setbacks.PauseLeft(Host, now));
        }

        Assert.Equal([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000], pauses);
    }

    [Theory]
    [InlineData(1_230_000, 60_000)]
    [InlineData(1_230_001, 30_000)]
    public void Note_LongAfterTheLast_BeginsAnew(long now, long pause)
    {
        _setbacks.Note(Host, "no device", 0);
        _setbacks.Note(Host, "no device", now);

        Assert.Equal(pause, _setbacks.PauseLeft(Host, now));
    }

    /// <summary>Two bad hosts with the longest pause: each holds the position until the other's pause is over, and then fails a moment later.</summary>
    [Fact]
    public void Note_AfterItHeldThePositionForAWholePauseOfAnother_IsNotForgiven()
    {
        var now = 0L;
        for (var count = 0; count < 20; count++)
        {
            _setbacks.Note(Host, "no device", now);
            now += _setbacks.PauseLeft(Host, now) + 600_000 + 130_000;
        }

        Assert.Equal(20, _setbacks.CountOf(Host, now));
    }

    [Fact]
    public void Forget_NewProcess_IsNoLongerPassedOver()
    {
        _setbacks.Note(Host, "no device", 0);
        Assert.Equal("it lost its position (no device) and is passed over for 30 s", _setbacks.Explain(Host, 0));

        _setbacks.Forget(Host);

        Assert.Null(_setbacks.Explain(Host, 0));
    }
}
