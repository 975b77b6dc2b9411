using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

public sealed class PathMeasurementTests
{
    [Theory]
    [InlineData(100, 100, true)]
    [InlineData(100, 102, true)]
    [InlineData(100, 103, false)]
    [InlineData(100, 207, false)]
    [InlineData(0, 5, false)]
    public void IsClassed_ABurstBesideBackgroundTrafficIsHardlySlower(int alone, int beside, bool isClassed) =>
        Assert.Equal(isClassed, new PathMeasurement(1, Ms(alone), Ms(beside), 1).IsClassed);

    [Fact]
    public void Describe_SaysWhatWasMeasured() => Assert.Equal(
        "0.2 Gbit/s; a burst of training takes 20.0 ms alone and 41.4 ms beside background traffic (2.07x): unclassed",
        new PathMeasurement(25_000_000, Ms(20), Ms(41.4), 12_000_000).Describe());

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
