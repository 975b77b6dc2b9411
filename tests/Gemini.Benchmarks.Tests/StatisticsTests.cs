namespace Gemini.Benchmarks.Tests;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(2.0, 3.0, 1.0, 2.0)]
    [InlineData(2.5, 4.0, 1.0, 2.0, 3.0)]
    [InlineData(7.0, 7.0)]
    public void Median_IsTheMiddle(double expected, params double[] values) => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void Median_OfNothing_IsAnError() => Assert.Throws<InvalidOperationException>(() => Statistics.Median([]));

    [Fact]
    public void Range_IsFromTheSmallestToTheLargest() => Assert.Equal(4, Statistics.Range([3, 1, 5]));
}
