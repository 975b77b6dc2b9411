using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

public sealed class CheckpointIntervalTests
{
    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, 0, 0, int.MaxValue)]
    [InlineData(100, 100, 0, 1)]
    [InlineData(101, 100, 0, 2)]
    [InlineData(110, 100, 0.01, 1)]
    [InlineData(111, 100, 0.01, 2)]
    [InlineData(1000, 90, 0.01, 10)]
    public void Of_AsOftenAsTheToleranceAllows(int needed, int idle, double tolerance, int expected) =>
        Assert.Equal(expected, CheckpointInterval.Of(Milliseconds(needed), Milliseconds(idle), Milliseconds(1000), tolerance));

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
