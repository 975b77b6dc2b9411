using System.Diagnostics;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The rate limit of a connection, kept by the kernel. A real connection: it is never faster than the limit, however slow the machine is.</summary>
public sealed class RateLimitTests
{
    private const int Bytes = 8 * 1024 * 1024;

    [Fact]
    public async Task LimitRate_IsKept_UntilItIsRemoved()
    {
        using var pair = await ConnectedPair.OpenAsync(TimeProvider.System);
        pair.Tested.LimitRate(20_000_000);
        var limited = await SendAsync(pair);
        pair.Tested.LimitRate(0);
        var free = await SendAsync(pair);

        // 8 MiB at 20 MB/s take 0.42 s. The kernel lets a first burst pass, and the last packets are acknowledged at once.
        Assert.True(limited > TimeSpan.FromSeconds(0.2), $"It took {limited}.");
        Assert.True(free < limited, $"It took {free}, and {limited} with a limit.");
    }

    private static async Task<TimeSpan> SendAsync(ConnectedPair pair)
    {
        pair.Tested.Arm(Wait.Limit);
        var begun = Stopwatch.GetTimestamp();
        var received = pair.Peer.ReceiveAsync(new byte[Bytes]).AsTask();
        await pair.Tested.SendAsync(new byte[Bytes]);
        await received;
        return Stopwatch.GetElapsedTime(begun);
    }
}
