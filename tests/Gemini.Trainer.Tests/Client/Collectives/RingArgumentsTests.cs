using System.Net;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>A caller's mistake is found before anything is sent, so the ring is as good as before.</summary>
public sealed class RingArgumentsTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public async Task Connect_RankIsNotOneOfTheEndpoints_IsRefused(int rank)
    {
        using var listener = new RingListener(IPAddress.Loopback);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Ring.ConnectAsync(listener, ["127.0.0.1:1", "127.0.0.1:2"], rank, 1, TestRings.Secret, TestContext.Current.CancellationToken));
        Assert.False(listener.Waits.IsWaiting);
    }

    [Fact]
    public async Task Connect_EndpointIsNoAddress_IsRefused()
    {
        using var listener = new RingListener(IPAddress.Loopback);
        await Assert.ThrowsAsync<FormatException>(
            () => Ring.ConnectAsync(listener, ["127.0.0.1:1", "host-b"], 0, 1, TestRings.Secret, TestContext.Current.CancellationToken));
        Assert.False(listener.Waits.IsWaiting);
    }

    [Fact]
    public async Task Collectives_SizesThatDoNotFit_AreRefusedAndTheRingWorksOn()
    {
        using var rings = await TestRings.ConnectAsync(2);
        var ring = rings.Rings[0];
        var error = Assert.Throws<ArgumentException>(() => ring.AllGather(new float[3]));
        Assert.Equal("3 elements do not divide among 2 ranks.", error.Message);
        Assert.Throws<ArgumentException>(() => ring.ReduceScatter(new float[3], new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.ReduceScatter(new float[4], new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.ReduceScatter(new float[4], new float[4]));
        Negative(ring);

        Assert.All(await rings.OnAllAsync(each => each.AllReduceSum(1.5)), sum => Assert.Equal(3, sum));
    }

    [Fact]
    public async Task Ring_KnowsItsPlace()
    {
        using var rings = await TestRings.ConnectAsync(3, epoch: 9);
        Assert.Equal([(0, 3, 9L), (1, 3, 9L), (2, 3, 9L)], rings.Rings.Select(ring => (ring.Rank, ring.WorldSize, ring.Epoch)));
    }

    [Fact]
    public async Task AbortWith_TokenIsCancelled_AbortsTheRing()
    {
        using var rings = await TestRings.ConnectAsync(2);
        using var stop = new CancellationTokenSource();
        rings.Rings[0].AbortWith(stop.Token);
        await stop.CancelAsync();
        Assert.Throws<CollectiveAbortedException>(rings.Rings[0].Barrier);
    }

    /// <summary>A session cancels its token long after the ring of an earlier epoch is gone.</summary>
    [Fact]
    public async Task AbortWith_TokenIsCancelledAfterDispose_DoesNothing()
    {
        using var stop = new CancellationTokenSource();
        using (var rings = await TestRings.ConnectAsync(2)) rings.Rings[0].AbortWith(stop.Token);
        await stop.CancelAsync();
        Assert.True(stop.IsCancellationRequested);
    }

    private static unsafe void Negative(Ring ring)
    {
        var values = stackalloc float[2];
        ArgumentOutOfRangeException? error = null;
        try
        {
            ring.AllGather(values, -1);
        }
        catch (ArgumentOutOfRangeException refused)
        {
            error = refused;
        }

        Assert.NotNull(error);
    }
}
