using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>How a host learns what its replicas cost. Fake time; an iteration without replicas takes a second, and every tenth has none.</summary>
public sealed class TrafficFeedbackTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TrafficFeedback _feedback;

    public TrafficFeedbackTests() => _feedback = TestHost.NewFeedback(new TransferOptions(), _time);

    [Fact]
    public void Cost_ReplicasDelayTraining_IsTheirShare()
    {
        Train(iterations: 60, loadedMs: 1005);
        Assert.Equal(0.005, _feedback.Cost!.Value, precision: 6);
        Assert.Equal(0, _feedback.Throttle.Level);
    }

    /// <summary>What was measured with the old throttle says nothing about the new one.</summary>
    [Fact]
    public void Throttle_ReplicasCostTooMuch_HoldsBack_AndMeasuresAnew()
    {
        Train(iterations: 90, loadedMs: 1030);
        Assert.Equal(1, _feedback.Throttle.Level);
        Assert.Null(_feedback.Cost);
    }

    [Fact]
    public void Throttle_ReplicasCostLessAgain_ComesBack()
    {
        Train(iterations: 90, loadedMs: 1030);
        Train(iterations: 90, loadedMs: 1001);
        Assert.Equal(0, _feedback.Throttle.Level);
    }

    /// <summary>Two replicas at once, and the second ends last.</summary>
    [Fact]
    public void Sending_SeveralReplicas_CountsUntilTheLastHasEnded()
    {
        for (var turn = 0; turn < 30; turn++)
        {
            _feedback.BeginSending();
            _feedback.BeginSending();
            _feedback.EndSending();
            Iterate(1000);
            _feedback.EndSending();
        }

        Assert.Null(_feedback.Cost);
    }

    [Fact]
    public void Interrupted_ComparesNothingAcross()
    {
        for (var turn = 0; turn < 20; turn++)
        {
            Train(iterations: 9, loadedMs: 1010);
            _feedback.Interrupted();
        }

        Assert.Null(_feedback.Cost);
    }

    /// <summary>A host that hears of iterations only much later has forgotten when it sent. Then they count as iterations with replicas.</summary>
    [Fact]
    public void Ended_SendingsAreForgotten_IsNoBaseline()
    {
        var begin = NetworkPage.Nanoseconds(_time);
        for (var sending = 0; sending < 1000; sending++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            _feedback.BeginSending();
            _time.Advance(TimeSpan.FromMilliseconds(10));
            _feedback.EndSending();
        }

        var duration = TimeSpan.FromMilliseconds(10);
        for (var iteration = 0L; iteration < 200; iteration++) _feedback.Ended(new NetworkIteration(duration, [], []) { Begin = begin + (iteration * 20_000_000) });
        Assert.Null(_feedback.Cost);
    }

    private void Train(int iterations, int loadedMs)
    {
        for (var iteration = 1; iteration <= iterations; iteration++)
        {
            var isBaseline = iteration % 10 == 0;
            if (!isBaseline) _feedback.BeginSending();
            var begin = Begin();
            _time.Advance(TimeSpan.FromMilliseconds(500));
            if (!isBaseline) _feedback.EndSending();
            _time.Advance(TimeSpan.FromMilliseconds((isBaseline ? 1000 : loadedMs) - 500));
            End(begin);
        }
    }

    private void Iterate(int milliseconds)
    {
        var begin = Begin();
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        End(begin);
    }

    private long Begin() => NetworkPage.Nanoseconds(_time);

    private void End(long begin) =>
        _feedback.Ended(new NetworkIteration(TimeSpan.FromTicks((Begin() - begin) / TimeSpan.NanosecondsPerTick), [], []) { Begin = begin });
}
