namespace Gemini.Interfaces.Tests;

public sealed class MedianTests
{
    [Theory]
    [InlineData(2.0, 3.0, 1.0, 2.0)]
    [InlineData(2.5, 4.0, 1.0, 2.0, 3.0)]
    [InlineData(7.0, 7.0)]
    public void Of_IsTheMiddle(double expected, params double[] values) => Assert.Equal(expected, Median.Of(values));

    [Fact]
    public void Of_Nothing_IsAnError() => Assert.Throws<InvalidOperationException>(() => Median.Of([]));
}
