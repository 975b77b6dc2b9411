using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

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

    /// <summary>Silent strangers: some connect before the right neighbour, and some after it has begun to connect.</summary>
    [Fact]
    public async Task Connect_AmongHundredsOfSilentConnections_FormsWithoutWaitingForTheirEnd()
    {
        var endpoint = IPEndPoint.Parse(_listeners[1].Endpoint);
        var strangers = new List<Socket>();
        try
        {
            for (var stranger = 0; stranger < 300; stranger++) strangers.Add(await ConnectSilentlyAsync(endpoint));

            // Handled one after the other, they would delay the neighbour by 2 s each, far beyond the limit.
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
            leave, ConnectAsync(rank: 0, epoch: 1, leave.Token), TestRings.ConnectAsync(_listeners, 1, 1, JobSecret.Generate(), leave.Token));
    }

    /// <summary>The bytes of both sides as the page states them: a change here is a new version of the protocol.</summary>
    [Fact]
    public async Task Connect_ByHand_ExchangesTheBytesOfThePage()
    {
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        var accepting = ConnectAsync(rank: 1, epoch: 7, leave.Token);
        using var connector = await ConnectSilentlyAsync(IPEndPoint.Parse(_listeners[1].Endpoint));
        byte[] hello =
        [
            .. Convert.FromHexString("47454D4952494E47" + "01000000" + "02000000" + "00000000" + "0700000000000000"),
            .. Enumerable.Range(1, 32).Select(value => (byte)value),
        ];

        await connector.SendAsync(hello, _limit.Token);
        var answer = await ReceiveAsync(connector, 65);
        var nonce = answer[1..33];
        Assert.Equal(4, answer[0]);
        Assert.Equal(Hmac("acceptor"u8, hello, nonce), answer[33..]);
        await connector.SendAsync(Hmac("connector"u8, hello, nonce), _limit.Token);

        Assert.Equal([4], await ReceiveAsync(connector, 1));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);
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

    /// <summary>The rank that finds out first is refused. The other rank waits for a right peer until it is told to leave.</summary>
    private static async Task CheckOneRefusedAsync(CancellationTokenSource leave, Task<Ring> one, Task<Ring> other)
    {
        await Assert.ThrowsAsync<RingRefusedException>(() => Task.WhenAny(one, other).Unwrap());
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => one);
        await Assert.ThrowsAnyAsync<Exception>(() => other);
    }

    private Task<Ring> ConnectAsync(int rank, long epoch, CancellationToken cancellationToken) =>
        TestRings.ConnectAsync(_listeners, rank, epoch, TestRings.Secret, cancellationToken);

    private static byte[] Hmac(ReadOnlySpan<byte> role, byte[] hello, byte[] nonce) =>
        HMACSHA256.HashData((byte[])[.. Enumerable.Range(0, 32).Select(i => (byte)i)], (byte[])[.. role, .. hello, .. nonce]);

    private async Task<byte[]> ReceiveAsync(Socket socket, int size)
    {
        var data = new byte[size];
        for (var received = 0; received < size;)
        {
            var count = await socket.ReceiveAsync(data.AsMemory(received), _limit.Token);
            Assert.NotEqual(0, count);
            received += count;
        }

        return data;
    }

    private async Task<Socket> ConnectSilentlyAsync(IPEndPoint endpoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint, _limit.Token);
        return socket;
    }
}
