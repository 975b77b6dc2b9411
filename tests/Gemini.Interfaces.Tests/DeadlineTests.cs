using CsCheck;

namespace Gemini.Interfaces.Tests;

public sealed class DeadlineTests
{
    private static readonly TimeSpan Floor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(100);

    [Theory]
    [InlineData(0, 1e9, 5)]
    [InlineData(1_000_000_000, 1e9, 6)]
    [InlineData(10_000_000_000, 1e9, 15)]
    [InlineData(95_000_000_000, 1e9, 100)]
    [InlineData(long.MaxValue, 1e9, 100)]
    [InlineData(long.MaxValue, double.Epsilon, 100)]
    [InlineData(1, 0, 100)]
    [InlineData(1, -1, 100)]
    [InlineData(1, double.NaN, 100)]
    [InlineData(1, double.PositiveInfinity, 5)]
    [InlineData(-1, 1e9, 5)]
    public void Of_IsTheFloorAndTheTimeOfTheBytes_UpToTheCeiling(long bytes, double bytesPerSecond, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Deadline.Of(bytes, bytesPerSecond, Floor, Ceiling));

    [Fact]
    public void Of_CeilingBelowTheFloor_IsTheFloor() => Assert.Equal(Floor, Deadline.Of(1 << 30, 1, Floor, TimeSpan.Zero));

    [Fact]
    public void LeastRate_IsAPartOfWhatWasMeasured_ElseWhatIsAssumed()
    {
        Assert.Equal(1e9, Deadline.LeastRate(Deadline.Slowdown * 1e9, 5));
        Assert.Equal(5, Deadline.LeastRate(null, 5));
        Assert.Equal(5, Deadline.LeastRate(0, 5));
    }

    /// <summary>For any bytes and rates: within its bounds, never shorter for more bytes or a slower rate, and never shorter than the bytes take.</summary>
    [Fact]
    public void Of_AnyInput_IsWithinItsBounds_AndMonotone() => Gen.Select(
        Gen.Long[0, long.MaxValue / 2], Gen.Long[0, long.MaxValue / 2], Gen.Double[1e-3, 1e12], Gen.Double[1, 100], Gen.Double[0, 3600], Gen.Double[0, 3600])
        .Sample((bytes, further, rate, faster, floorSeconds, range) =>
        {
            var (floor, ceiling) = (TimeSpan.FromSeconds(floorSeconds), TimeSpan.FromSeconds(floorSeconds + range));
            var deadline = Deadline.Of(bytes, rate, floor, ceiling);
            Assert.InRange(deadline, floor, ceiling);
            Assert.True(deadline <= Deadline.Of(bytes + further, rate, floor, ceiling));
            Assert.True(deadline >= Deadline.Of(bytes, rate * faster, floor, ceiling));
            Assert.True(deadline == ceiling || deadline.TotalSeconds >= (bytes / rate) - 1e-6);
        });

    [Fact]
    public void MeasuredRate_FollowsTheNewestMeasurements_AndIgnoresThoseThatSayNothing()
    {
        var rate = new MeasuredRate();
        rate.Add(0, TimeSpan.FromSeconds(1));
        rate.Add(1, TimeSpan.Zero);
        Assert.Null(rate.BytesPerSecond);
        rate.Add(100, TimeSpan.FromSeconds(1));
        Assert.Equal(100, rate.BytesPerSecond);
        for (var count = 0; count < 20; count++) rate.Add(10, TimeSpan.FromSeconds(1));
        Assert.InRange(rate.BytesPerSecond!.Value, 10, 11);
    }
}
