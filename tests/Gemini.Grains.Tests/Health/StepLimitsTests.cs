using Gemini.Grains.Health;

namespace Gemini.Grains.Tests.Health;

public sealed class StepLimitsTests
{
    private static readonly HealthOptions Health = new();

    [Theory]
    [InlineData(0, 20)]
    [InlineData(10_000_000_000, 120)]
    public void Halt_GrowsWithTheOwnBytes(long ownBytes, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), StepLimits.Halt(ownBytes, Health).Limit);

    [Theory]
    [InlineData(0, false, 130)]
    [InlineData(10_000_000_000, false, 230)]
    [InlineData(10_000_000_000, true, 1130)]
    public void Prepare_GrowsWithTheBytes_MoreFromStorage(long bytes, bool fromStorage, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), StepLimits.Prepare(bytes, fromStorage, Health).Limit);

    [Fact]
    public void Expectation_SaysWhatAndHowLong() =>
        Assert.Equal("stop its trainers within 20 s", StepLimits.Halt(0, Health).Expectation);
}
