using Gemini.Grains.Scheduling;
using Gemini.Interfaces.Model;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Transfer;

public sealed class TrafficGateTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TrainingPage _training;

    public TrafficGateTests() => _training = new TrainingPage(_time);

    public void Dispose() => _training.Dispose();

    [Theory]
    [InlineData(CheckpointMode.Gemini, false)]
    [InlineData(CheckpointMode.Unpipelined, false)]
    [InlineData(CheckpointMode.Marked, true)]
    [InlineData(CheckpointMode.Naive, true)]
    [InlineData(CheckpointMode.Blocking, true)]
    public void MaySend_TrainingUsesTheNetwork_OnlyAModeThatWaitsForNoSpan(CheckpointMode mode, bool expected)
    {
        _training.BeginUse();
        Assert.Equal(expected, MaySend(mode));
    }

    /// <summary>Of 10 minutes 9 are used. Half a minute before that, a part of 20 s fits, and one of 40 s does not.</summary>
    [Fact]
    public void MaySend_CountsHowLongThePartTakes()
    {
        _time.Advance(TimeSpan.FromMinutes(8.5));
        Assert.True(MaySend(CheckpointMode.Gemini, bytes: 20_000, bytesPerSecond: 1000));
        Assert.False(MaySend(CheckpointMode.Gemini, bytes: 40_000, bytesPerSecond: 1000));
        Assert.True(MaySend(CheckpointMode.Gemini, bytes: 40_000, bytesPerSecond: 0));
    }

    /// <summary>The replica has waited for an iteration. Then it may delay training by 1 % of one after the idle span, and after ten iterations by more.</summary>
    [Fact]
    public void MaySend_TheReplicaHasWaitedForAnIteration()
    {
        var begun = _time.GetTimestamp();
        _time.Advance(TrainingPage.Iteration * 0.95);
        Assert.False(MaySend(CheckpointMode.Gemini, begun: begun));
        _time.Advance(TrainingPage.Iteration * 0.049);
        _training.BeginUse();
        _time.Advance(TrainingPage.Iteration * 0.002);
        Assert.True(MaySend(CheckpointMode.Gemini, begun: begun));
        _time.Advance(TrainingPage.Iteration * 0.02);
        Assert.False(MaySend(CheckpointMode.Gemini, begun: begun));
        Assert.True(MaySend(CheckpointMode.Gemini, begun: begun - _time.TimestampFrequency * 10 * (long)TrainingPage.Iteration.TotalSeconds));
    }

    /// <summary>The network stays busy for a long time: all of a use that is known to be long, or nobody knows.</summary>
    [Fact]
    public void WaitFor_NeverLongerThanASenderMayLookAway()
    {
        _time.Advance(TrainingPage.Iteration * 0.95);
        Assert.Equal(TrafficGate.WaitMax, WaitFor(CheckpointMode.Gemini));
        _time.Advance(TrainingPage.Iteration * 0.049);
        _training.BeginUse();
        _time.Advance(TrainingPage.Iteration * 0.1);
        Assert.Equal(new TransferOptions().WatermarkPoll, WaitFor(CheckpointMode.Gemini));
    }

    /// <summary>Where the network itself lets training go first, nothing has to wait. What is not known counts as a network that does not.</summary>
    [Theory]
    [InlineData(CheckpointMode.Gemini, 1.0, false)]
    [InlineData(CheckpointMode.Gemini, 1.5, true)]
    [InlineData(CheckpointMode.Gemini, null, true)]
    [InlineData(CheckpointMode.Marked, 1.5, false)]
    public void IsInUseTowards_OnlyPathsWithoutClasses(CheckpointMode mode, double? inflation, bool expected)
    {
        var gate = _training.Gate(new TransferOptions(), mode);
        var (holder, alone) = (new HostName("h1"), TimeSpan.FromMilliseconds(20));
        if (inflation is { } factor) gate.Paths.Set(holder, new PathMeasurement(1, alone, alone * factor, 1));
        Assert.Equal(expected, gate.IsInUseTowards(holder));
        Assert.Equal(mode == CheckpointMode.Gemini, gate.IsInUseTowards(new HostName("h2")));
    }

    [Theory]
    [InlineData(0, TrafficGate.PartBytesMax)]
    [InlineData(1_000_000, TrafficGate.PartBytesMax)]
    [InlineData(1_000_000_000, 2_000_000)]
    public void InFlightBytes_IsTwoMillisecondsAndAtLeastAPart(long bytesPerSecond, long expected) =>
        Assert.Equal(expected, TrafficGate.InFlightBytes(bytesPerSecond));

    [Theory]
    [InlineData(0, TrafficGate.PartBytesMin)]
    [InlineData(45_000_000, 22_500)]
    [InlineData(1_000_000_000, TrafficGate.PartBytesMax)]
    public void PartBytes_IsAQuarterOfWhatMayBeOnItsWay(long bytesPerSecond, int expected) =>
        Assert.Equal(expected, TrafficGate.PartBytes(bytesPerSecond));

    private bool MaySend(CheckpointMode mode, int bytes = 1, long bytesPerSecond = 1_000_000, long? begun = null) =>
        WaitFor(mode, bytes, bytesPerSecond, begun) == TimeSpan.Zero;

    private TimeSpan WaitFor(CheckpointMode mode, int bytes = 1, long bytesPerSecond = 1_000_000, long? begun = null) =>
        _training.Gate(new TransferOptions { SpanSafety = 0.9 }, mode).WaitFor(bytes, bytesPerSecond, begun ?? _time.GetTimestamp());
}
