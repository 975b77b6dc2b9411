namespace Gemini.Benchmarks.Tests;

public sealed class StatisticsTests
{
    [Fact]
    public void Range_IsFromTheSmallestToTheLargest() => Assert.Equal(4, Statistics.Range([3, 1, 5]));
}
