using Gemini.Grains.Health;

namespace Gemini.Grains.Tests.Health;

public sealed class SteadyClockTests
{
    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Now_SomebodySetsTheClock_CountsOnlyWhatHasPassed(int jumpSeconds)
    {
        var time = new SettableTime();
        var clock = new SteadyClock(time);
        var before = clock.Now;

        time.Wall += TimeSpan.FromSeconds(jumpSeconds);
        time.Elapsed += TimeSpan.FromMilliseconds(250);

        Assert.Equal(SettableTime.Start.ToUnixTimeMilliseconds(), before);
        Assert.Equal(before + 250, clock.Now);
    }

    /// <summary>A wall clock and a monotonic clock that are independent of each other.</summary>
    private sealed class SettableTime : TimeProvider
    {
        public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public DateTimeOffset Wall { get; set; } = Start;

        public TimeSpan Elapsed { get; set; } = TimeSpan.FromDays(3);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => Elapsed.Ticks;
    }
}
