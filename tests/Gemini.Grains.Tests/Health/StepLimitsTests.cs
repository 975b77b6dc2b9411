using Gemini.Grains.Health;
using Gemini.Interfaces;

namespace Gemini.Grains.Tests.Health;

public sealed class StepLimitsTests
{
    private static readonly HealthOptions Health = new();
    private static readonly StepLimits Limits = new(Health, rates: default);

    [Theory]
    [InlineData(0, 20)]
    [InlineData(10_000_000_000, 120)]
    public void Halt_GrowsWithTheOwnBytes(long ownBytes, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Limits.Halt(ownBytes).Limit);

    [Theory]
    [InlineData(0, false, 130)]
    [InlineData(10_000_000_000, false, 230)]
    [InlineData(10_000_000_000, true, 1130)]
    public void Prepare_GrowsWithTheBytes_MoreFromStorage(long bytes, bool fromStorage, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Limits.Prepare(bytes, fromStorage).Limit);

    [Theory]
    [InlineData(0, 120)]
    [InlineData(10_000_000_000, 220)]
    public void Load_GrowsWithTheOwnBytes(long ownBytes, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Limits.Load(ownBytes));

    [Fact]
    public void MeasuredRates_TakeThePlaceOfTheAssumedOnes_InBothDirections()
    {
        var measured = new StepLimits(Health, new RestoreRates(Copy: Deadline.Slowdown * 1e9, Storage: Deadline.Slowdown * 1e6, Load: Deadline.Slowdown * 2e9));
        Assert.Equal(130 + 10, measured.Prepare(10_000_000_000, fromStorage: false).Limit.TotalSeconds);
        Assert.Equal(130 + 10_000, measured.Prepare(10_000_000_000, fromStorage: true).Limit.TotalSeconds);
        Assert.Equal(20 + 10, measured.Halt(10_000_000_000).Limit.TotalSeconds);
        Assert.Equal(120 + 5, measured.Load(10_000_000_000).TotalSeconds);
    }

    [Fact]
    public void Ceiling_EndsEveryLimitThatDependsOnBytes()
    {
        var limits = new StepLimits(new HealthOptions { StepCeiling = TimeSpan.FromSeconds(150) }, rates: default);
        Assert.All(
            [limits.Halt(long.MaxValue).Limit, limits.Prepare(long.MaxValue, fromStorage: true).Limit, limits.Load(long.MaxValue)],
            limit => Assert.Equal(150, limit.TotalSeconds));
    }

    [Fact]
    public void Expectation_SaysWhatAndHowLong() => Assert.Equal("stop its trainers within 20 s", Limits.Halt(0).Expectation);
}
