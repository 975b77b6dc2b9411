using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

/// <summary>When a host holds its replicas back, and how far. The tolerance is 1 %.</summary>
public sealed class TrafficThrottleTests
{
    private const double Tolerance = 0.01;

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 0.25, 1)]
    [InlineData(3, 0.125, 1)]
    [InlineData(4, 0.125, 0.5)]
    [InlineData(5, 0.125, 0.25)]
    public void Level_LowersTheIdleTimeFirst_AndTheRateLast(int level, double spans, double rate)
    {
        var throttle = new TrafficThrottle(level);
        Assert.Equal((spans, rate), (throttle.SpanShare, throttle.RateShare));
    }

    [Theory]
    [InlineData(0, 8, 0, 1)]
    [InlineData(0, 7, 1, 1)]
    [InlineData(0, 6, 2, 0)]
    [InlineData(3, 8, 0, 4)]
    [InlineData(TrafficThrottle.LevelMax, 8, 0, TrafficThrottle.LevelMax)]
    [InlineData(2, 0, 8, 1)]
    [InlineData(2, 3, 5, 1)]
    [InlineData(2, 5, 3, 2)]
    [InlineData(0, 0, 8, 0)]
    public void Next_FollowsMostPairs(int level, int slow, int good, int next) =>
        Assert.Equal(next, new TrafficThrottle(level).Next(Cost([.. Enumerable.Repeat(1020, slow), .. Enumerable.Repeat(1000, good)]), Tolerance).Level);

    /// <summary>Between half of what is tolerated and all of it, nothing changes.</summary>
    [Fact]
    public void Next_CostsLessThanTolerated_ButNotMuchLess_Stays() =>
        Assert.Equal(2, new TrafficThrottle(2).Next(Cost(Enumerable.Repeat(1008, 8)), Tolerance).Level);

    [Fact]
    public void Next_FewerPairs_Waits() => Assert.Equal(0, new TrafficThrottle(0).Next(Cost(Enumerable.Repeat(1500, 7)), Tolerance).Level);

    /// <summary>One pair for each time that an iteration with replicas takes; one without takes 1,000 ms.</summary>
    private static TrafficCost Cost(IEnumerable<int> loaded) => loaded.Aggregate(new TrafficCost(), (cost, time) => cost.Around(1000, time));
}
