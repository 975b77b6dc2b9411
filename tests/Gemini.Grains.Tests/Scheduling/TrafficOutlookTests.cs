using System.Collections.Immutable;
using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

/// <summary>Whether a checkpoint fits into the idle time. An iteration takes 10 s and is idle for 2 s and 1 s; the path carries 1 MB/s.</summary>
public sealed class TrafficOutlookTests
{
    private static readonly TimeSpan Iteration = TimeSpan.FromSeconds(10);
    private static readonly NetworkRate Rate = new(TimeSpan.Zero, 1_000_000);

    private static readonly ImmutableArray<SpanStatistics> Spans =
    [
        new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), 0, TimeSpan.FromSeconds(3)), new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 0, TimeSpan.Zero),
    ];

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(2_500_000, 2500, 1)]
    [InlineData(2_790_000, 2790, 1)]
    [InlineData(2_900_000, 2900, 2)]
    [InlineData(8_300_000, 8300, 3)]
    public void Of_SaysHowOftenACheckpointFits(long bytes, double neededMs, int interval)
    {
        var outlook = TrafficOutlook.Of(Spans, Iteration, bytes, Rate, safety: 0.9, tolerance: 0.01);

        Assert.Equal(TimeSpan.FromSeconds(2.7), outlook.Idle);
        Assert.Equal(neededMs, outlook.Needed.TotalMilliseconds, tolerance: 0.2);
        Assert.Equal(interval, outlook.Interval);
    }

    /// <summary>The cost of an outlook does not grow with the checkpoint: a hundred gigabytes.</summary>
    [Fact]
    public void Of_ALargeCheckpoint_IsPlannedInFewParts()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var outlook = TrafficOutlook.Of(Spans, Iteration, 100_000_000_000, new NetworkRate(TimeSpan.Zero, 50_000_000_000), 0.9, 0.01);

        Assert.Equal(2000, outlook.Needed.TotalMilliseconds, tolerance: 1.0);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000);
    }
}
