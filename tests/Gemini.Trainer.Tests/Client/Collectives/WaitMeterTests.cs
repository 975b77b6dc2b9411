using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

public sealed class WaitMeterTests
{
    [Fact]
    public async Task Barrier_TheOneThatComesFirstWaits_AndTheLastDoesNot()
    {
        var listeners = TestRings.Listeners(2);
        var rings = await TestRings.ConnectAsync(listeners, epoch: 1, TestContext.Current.CancellationToken);
        Assert.All(listeners, listener => Assert.False(listener.Waits.IsWaiting));

        var first = Task.Run(rings[0].Barrier);
        // It has waited for some time, and still waits.
        using var limit = new CancellationTokenSource(TestRings.Limit);
        while (listeners[0].Waits.Total < TimeSpan.FromMilliseconds(60))
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.True(listeners[0].Waits.IsWaiting);
        Assert.False(listeners[1].Waits.IsWaiting);
        rings[1].Barrier();
        await first.WaitAsync(TestRings.Limit);

        Assert.All(listeners, listener => Assert.False(listener.Waits.IsWaiting));
        Assert.True(listeners[0].Waits.Total >= TimeSpan.FromMilliseconds(60));
        foreach (var ring in rings) ring.Dispose();
        foreach (var listener in listeners) listener.Dispose();
    }

    /// <summary>A collective may be inside a longer one; the rank waits until the outer one is over.</summary>
    [Fact]
    public void IsWaiting_Nested_UntilTheOutermostEnds()
    {
        var meter = new WaitMeter(new HeldTimers());
        meter.Enter();
        meter.Enter();
        meter.Leave();
        Assert.True(meter.IsWaiting);
        meter.Leave();
        Assert.False(meter.IsWaiting);
    }

    [Fact]
    public void Total_IsTheSumOfAllWaits()
    {
        var meter = new WaitMeter(new HeldTimers());
        Assert.Equal(TimeSpan.Zero, meter.Total);
        var begun = meter.Begin();
        _ = meter.Begin();
        meter.AddSince(begun);
        Assert.Equal(TimeSpan.FromMilliseconds(2), meter.Total);
        meter.AddSince(meter.Begin());
        Assert.Equal(TimeSpan.FromMilliseconds(3), meter.Total);
    }
}
