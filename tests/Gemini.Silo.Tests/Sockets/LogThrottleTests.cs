using Gemini.Silo.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Sockets;

public sealed class LogThrottleTests
{
    [Fact]
    public void TryPass_OncePerPeriod_AndSaysHowManyWereHeld()
    {
        var time = new FakeTimeProvider();
        var throttle = new LogThrottle(time, TimeSpan.FromSeconds(10));

        Assert.True(throttle.TryPass(out var held));
        Assert.Equal(0, held);
        for (var line = 0; line < 1000; line++) Assert.False(throttle.TryPass(out _));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(throttle.TryPass(out held));
        Assert.Equal(1000, held);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(throttle.TryPass(out held));
        Assert.Equal(0, held);
    }
}
