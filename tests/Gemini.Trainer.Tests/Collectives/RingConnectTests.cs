using System.Net;
using System.Net.Sockets;
using Gemini.Trainer.Collectives;

namespace Gemini.Trainer.Tests.Collectives;

public sealed class RingConnectTests : IDisposable
{
    private readonly RingListener[] _listeners = TestRings.Listeners(2);
    private readonly CancellationTokenSource _limit = new(TestRings.Limit);

    public void Dispose()
    {
        foreach (var listener in _listeners) listener.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Connect_WithAnotherEpochsPeer_WaitsForTheRightOne()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        var old = ConnectAsync(rank: 0, epoch: 1, leave.Token);
        var fresh = ConnectAsync(rank: 1, epoch: 2, _limit.Token);
        Assert.False(old.IsCompleted || fresh.IsCompleted);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => old);
        using var first = await ConnectAsync(rank: 0, epoch: 2, _limit.Token);
        using var second = await fresh;
        Assert.Equal((2, 2), (first.Epoch, second.Epoch));
    }

    [Fact]
    public async Task Connect_WithStaleAndStrangeConnectionsQueued_TakesTheRightOne()
    {
        var endpoint = IPEndPoint.Parse(_listeners[1].Endpoint);
        using Socket silent = new(SocketType.Stream, ProtocolType.Tcp), noise = new(SocketType.Stream, ProtocolType.Tcp);
        await noise.ConnectAsync(endpoint, _limit.Token);
        await noise.SendAsync(new byte[200], _limit.Token);
        await silent.ConnectAsync(endpoint, _limit.Token);
        silent.Close();

        foreach (var ring in await TestRings.ConnectAsync(_listeners, epoch: 3, _limit.Token)) ring.Dispose();
    }

    /// <summary>Strangers that say nothing, some before the right neighbour connects and some after it has begun to.</summary>
    [Fact]
    public async Task Connect_AmongHundredsOfSilentConnections_FormsWithoutWaitingForTheirEnd()
    {
        var endpoint = IPEndPoint.Parse(_listeners[1].Endpoint);
        var strangers = new List<Socket>();
        try
        {
            for (var stranger = 0; stranger < 300; stranger++) strangers.Add(await ConnectSilentlyAsync(endpoint));

            // One after the other they would keep the neighbour out for 2 s each, far beyond the limit.
            foreach (var ring in await TestRings.ConnectAsync(_listeners, epoch: 3, _limit.Token)) ring.Dispose();
        }
        finally
        {
            strangers.ForEach(stranger => stranger.Dispose());
        }
    }

    [Fact]
    public async Task Connect_InSuccessiveEpochs_WorksOnTheSameListeners()
    {
        for (long epoch = 1; epoch <= 5; epoch++)
        {
            var rings = await TestRings.ConnectAsync(_listeners, epoch, _limit.Token);
            rings[0].Abort();
            foreach (var ring in rings) ring.Dispose();
        }
    }

    [Fact]
    public async Task Connect_WithAnotherSecret_IsRefused()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        await CheckOneRefusedAsync(
            leave, ConnectAsync(rank: 0, epoch: 1, leave.Token), TestRings.ConnectAsync(_listeners, 1, 1, [1, 2, 3], leave.Token));
    }

    [Fact]
    public async Task Connect_AsTheWrongRank_IsRefused()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        string[] reversed = [_listeners[1].Endpoint, _listeners[0].Endpoint];
        await CheckOneRefusedAsync(
            leave,
            ConnectAsync(rank: 0, epoch: 1, leave.Token),
            Ring.ConnectAsync(_listeners[1], reversed, 0, 1, TestRings.Secret, leave.Token));
    }

    [Fact]
    public async Task Connect_Cancelled_Ends()
    {
        using var leave = new CancellationTokenSource();
        var waiting = ConnectAsync(rank: 0, epoch: 1, leave.Token);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>Whoever finds out first is refused; the other goes on waiting for a right peer until it is told to leave.</summary>
    private static async Task CheckOneRefusedAsync(CancellationTokenSource leave, Task<Ring> one, Task<Ring> other)
    {
        await Assert.ThrowsAsync<RingRefusedException>(() => Task.WhenAny(one, other).Unwrap());
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => one);
        await Assert.ThrowsAnyAsync<Exception>(() => other);
    }

    private Task<Ring> ConnectAsync(int rank, long epoch, CancellationToken cancellationToken) =>
        TestRings.ConnectAsync(_listeners, rank, epoch, TestRings.Secret, cancellationToken);

    private async Task<Socket> ConnectSilentlyAsync(IPEndPoint endpoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint, _limit.Token);
        return socket;
    }
}
