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
}
