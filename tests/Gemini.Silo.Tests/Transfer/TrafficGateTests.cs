using Gemini.Grains.Scheduling;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
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

    /// <summary>Half a minute is left of the span. Two senders share the network, so each gets half of what one alone gets.</summary>
    [Fact]
    public void Ask_SendersShareTheNetwork()
    {
        _time.Advance(TimeSpan.FromMinutes(8.5));
        var gate = _training.Gate(new TransferOptions { SpanSafety = 0.9 });
        gate.BeginSending(new Rank(0), new HostName("h1"), 1);
        var alone = gate.Ask(20_000, 1000, _time.GetTimestamp());
        gate.BeginSending(new Rank(0), new HostName("h2"), 1);
        Assert.False(gate.Ask(20_000, 1000, _time.GetTimestamp()).MaySend);
        var shared = gate.Ask(10_000, 1000, _time.GetTimestamp());
        Assert.True(alone.MaySend && shared.MaySend);
        Assert.Equal(alone.InFlight / 2, shared.InFlight);
        gate.EndSending();
        Assert.Equal(alone, gate.Ask(20_000, 1000, _time.GetTimestamp()));
    }

    /// <summary>The replica has waited for an iteration. Then it may delay training by 1 % of one after the idle span, and after ten iterations by more.</summary>
    [Fact]
    public void MaySend_TheReplicaHasWaitedForAnIteration()
    {
        var begun = _time.GetTimestamp();
        _time.Advance(TrainingPage.Iteration * 0.985);
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
    public void Ask_NeverWaitsLongerThanASenderMayLookAway()
    {
        _time.Advance(TrainingPage.Iteration * 0.985);
        Assert.Equal(TrafficGate.WaitMax, Ask(CheckpointMode.Gemini).Wait);
        _time.Advance(TrainingPage.Iteration * 0.049);
        _training.BeginUse();
        _time.Advance(TrainingPage.Iteration * 0.1);
        Assert.Equal(new TransferOptions().WatermarkPoll, Ask(CheckpointMode.Gemini).Wait);
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
    [InlineData(null, 0, false, 0)]
    [InlineData(null, 900, false, 900)]
    [InlineData(null, 900, true, 900)]
    [InlineData(100L, 0, false, 100)]
    [InlineData(100L, 70, false, 70)]
    [InlineData(100L, 70, true, 100)]
    [InlineData(100L, 900, false, 100)]
    public void RateTowards_IsNeverFasterThanMeasured_AndSlowerOnlyIfThePathIs(long? measured, long newest, bool isOfSender, long expected)
    {
        var gate = _training.Gate(new TransferOptions());
        var holder = new HostName("h1");
        if (measured is { } rate) gate.Paths.Set(holder, new PathMeasurement(rate, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50), 1));
        Assert.Equal(expected, gate.RateTowards(holder, new TcpQueue(0, 0, 0, newest, isOfSender)));
    }

    /// <summary>Nine of ten minutes are used, and h1 gets 120 kB at 1 kB/s. The path to h2 has classes, and that to h3 was not measured.</summary>
    [Fact]
    public void Report_SaysWhatTheReplicasNeed()
    {
        var gate = _training.Gate(new TransferOptions { SpanSafety = 0.9 });
        var (h1, h2, h3) = (new HostName("h1"), new HostName("h2"), new HostName("h3"));
        gate.Paths.Set(h1, new PathMeasurement(1000, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50), 1));
        gate.Paths.Set(h2, new PathMeasurement(1000, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20), 1));
        foreach (var holder in (HostName[])[h1, h2, h3]) gate.BeginSending(new Rank(0), holder, 120_000);

        var report = gate.Report()!;
        Assert.Equal((600_000, 540_000, 1, null, 0), (report.IterationMilliseconds, report.IdleMilliseconds, report.Interval, report.Cost, report.Throttle));
        Assert.Equal(120_000, report.NeededMilliseconds, tolerance: 100);

        gate.BeginSending(new Rank(1), h1, 1_200_000);
        Assert.Equal(3, gate.Report()!.Interval);
        gate.Forget(new Rank(1), h1);
        Assert.Equal(1, gate.Report()!.Interval);
    }

    [Theory]
    [InlineData(CheckpointMode.Marked)]
    [InlineData(CheckpointMode.Naive)]
    public void Report_ModeThatWaitsForNoSpan_IsNone(CheckpointMode mode) => Assert.Null(_training.Gate(new TransferOptions(), mode).Report());

    [Fact]
    public void Report_NobodyTrains_IsNone()
    {
        _training.Interrupt();
        Assert.Null(_training.Gate(new TransferOptions()).Report());
    }

    /// <summary>Replicas cost 5 % although 1 % is tolerated: half of the idle time is used, then less, and at last a lower rate.</summary>
    [Fact]
    public void Ask_ReplicasCostTooMuch_UsesLessOfTheSpans_AndAtLastALowerRate()
    {
        var gate = _training.Gate(new TransferOptions());
        var holder = new HostName("h1");
        gate.Paths.Set(holder, new PathMeasurement(1000, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(50), 1));
        _time.Advance(TrainingPage.Iteration * 0.4);
        Assert.True(MaySend(CheckpointMode.Gemini));
        _time.Advance(TrainingPage.Iteration * 0.2);
        Assert.True(MaySend(CheckpointMode.Gemini));

        CostTooMuch();
        Assert.False(MaySend(CheckpointMode.Gemini));
        Assert.Equal(0, gate.RateLimitTowards(holder));
        for (var level = 2; level <= TrafficThrottle.LevelMax; level++) CostTooMuch();
        Assert.Equal(250, gate.RateLimitTowards(holder));
        Assert.Equal(0, gate.RateLimitTowards(new HostName("h2")));
    }

    /// <summary>A measurement can be wrong, or the path another one than before. What replicas cost counts more.</summary>
    [Fact]
    public void IsInUseTowards_ReplicasCostTooMuch_OnAPathWithClassesToo()
    {
        var gate = _training.Gate(new TransferOptions());
        var (holder, burst) = (new HostName("h1"), TimeSpan.FromMilliseconds(20));
        gate.Paths.Set(holder, new PathMeasurement(1000, burst, burst, 1));
        Assert.False(gate.IsInUseTowards(holder));
        CostTooMuch();
        Assert.True(gate.IsInUseTowards(holder));
    }

    [Theory]
    [InlineData(2, 0, TrafficGate.PartBytesMax)]
    [InlineData(2, 1_000_000, TrafficGate.PartBytesMin)]
    [InlineData(2, 1_000_000_000, 2_000_000)]
    [InlineData(10, 1_000_000_000, 10_000_000)]
    public void InFlightBytes_AtTheRateOfThePath(int milliseconds, long bytesPerSecond, long expected) =>
        Assert.Equal(expected, TrafficGate.InFlightBytes(TimeSpan.FromMilliseconds(milliseconds), bytesPerSecond));

    [Theory]
    [InlineData(0, TrafficGate.PartBytesMin)]
    [InlineData(45_000_000, 22_500)]
    [InlineData(1_000_000_000, TrafficGate.PartBytesMax)]
    public void PartBytes_IsAQuarterOfTheLeastThatMayBeOnItsWay(long bytesPerSecond, int expected) =>
        Assert.Equal(expected, TrafficGate.PartBytes(bytesPerSecond));

    /// <summary>At 1 MB/s. A rate that is not known, or a wait that is too short or too long, is bounded.</summary>
    [Theory]
    [InlineData(10_000, 10_000, 1_000_000, 5)]
    [InlineData(12_000, 10_000, 1_000_000, 7)]
    [InlineData(5_100, 10_000, 1_000_000, 1)]
    [InlineData(10_000, 10_000, 0, 1)]
    [InlineData(1_000_000, 10_000, 1_000_000, 20)]
    public void UntilHalf_OfWhatMayBeOnItsWayHasLeft(long queued, long limit, long bytesPerSecond, int expected) => Assert.Equal(
        TimeSpan.FromMilliseconds(expected), _training.Gate(new TransferOptions()).UntilHalf(queued, limit, bytesPerSecond));

    /// <summary>Iterations of 105 µs with replicas and of 100 µs without, until the host holds replicas back one level more.</summary>
    private void CostTooMuch()
    {
        var level = _training.Feedback.Throttle.Level;
        for (var iteration = 0; _training.Feedback.Throttle.Level == level; iteration++)
        {
            Assert.True(iteration < 1000, "The throttle does not change.");
            var (begin, isBaseline) = (NetworkPage.Nanoseconds(_time), iteration % 9 == 4);
            if (!isBaseline) _training.Feedback.BeginSending();
            var duration = TimeSpan.FromMicroseconds(isBaseline ? 100 : 105);
            _time.Advance(duration);
            if (!isBaseline) _training.Feedback.EndSending();
            _training.Feedback.Ended(new NetworkIteration(duration, [], []) { Begin = begin });
        }
    }

    private bool MaySend(CheckpointMode mode, int bytes = 1, long bytesPerSecond = 1_000_000, long? begun = null) =>
        Ask(mode, bytes, bytesPerSecond, begun).MaySend;

    private SendPermit Ask(CheckpointMode mode, int bytes = 1, long bytesPerSecond = 1_000_000, long? begun = null) =>
        _training.Gate(new TransferOptions { SpanSafety = 0.9 }, mode).Ask(bytes, bytesPerSecond, begun ?? _time.GetTimestamp());
}
