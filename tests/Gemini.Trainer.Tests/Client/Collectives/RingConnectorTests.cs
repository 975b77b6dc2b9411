using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;
using Verdict = Gemini.Trainer.Client.Collectives.RingHandshake.Verdict;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>Rank 0 of 2 connects to its neighbour, which is rank 1 on both sides and which the test plays.</summary>
public sealed class RingConnectorTests : IDisposable
{
    private static readonly RingIdentity Self = new(0, 2, 7, TestRings.Secret);
    private static readonly RingIdentity Neighbour = new(1, 2, 7, TestRings.Secret);

    private readonly HeldTimers _time = new();
    private readonly RingListener _listener;
    private readonly Socket _neighbour = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _limit = new(TestRings.Limit);

    public RingConnectorTests()
    {
        _listener = new RingListener(IPAddress.Loopback, default, _time);
        _neighbour.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    private IPEndPoint NextEndpoint => (IPEndPoint)_neighbour.LocalEndPoint!;

    public void Dispose()
    {
        _listener.Dispose();
        _neighbour.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Connect_BothNeighboursAgree_DataFlowsFromThePreviousToTheNext()
    {
        _neighbour.Listen();
        var connecting = ConnectAsync(_limit.Token);
        using var toNext = await AcceptNextAsync();
        using var fromPrevious = await ProposeAsPreviousAsync();
        var (next, previous) = await connecting;
        using (next)
        using (previous)
        {
            Assert.All((Socket[])[next, previous], socket => Assert.Equal((true, false), (socket.NoDelay, socket.Blocking)));
            Assert.Equal(NextEndpoint, next.RemoteEndPoint);
            next.Send("on"u8);
            Assert.Equal("on"u8.ToArray(), await SocketPair.ReadAsync(toNext, 2, _limit.Token));
            await fromPrevious.SendAsync("by"u8.ToArray(), _limit.Token);
            Assert.Equal("by"u8.ToArray(), await SocketPair.ReadAsync(previous, 2, _limit.Token));
        }
    }

    [Fact]
    public async Task Connect_AloneInTheWorld_IsItsOwnNeighbour()
    {
        var endpoint = IPEndPoint.Parse(_listener.Endpoint);
        var (next, previous) = await RingConnector.ConnectAsync(_listener, endpoint, new RingIdentity(0, 1, 7, TestRings.Secret), _limit.Token);
        using (next)
        using (previous) Assert.Equal((next.LocalEndPoint, next.RemoteEndPoint), (previous.RemoteEndPoint, previous.LocalEndPoint));
    }

    /// <summary>The neighbour's process has its port, and does not listen yet.</summary>
    [Fact]
    public async Task Connect_NextDoesNotListenYet_TriesAgainAfterTheDelay()
    {
        var connecting = ConnectAsync(_limit.Token);
        await _time.FireAsync(TimeSpan.FromMilliseconds(20));
        await _time.WaitForAsync(TimeSpan.FromMilliseconds(20));
        _neighbour.Listen();
        await _time.FireAsync(TimeSpan.FromMilliseconds(20));

        await FinishAsync(connecting);
    }

    /// <summary>The neighbour is in another epoch, is an unknown program, ends, or gives a verdict of a later version. That may change.</summary>
    [Theory]
    [InlineData((int)Verdict.WrongEpoch)]
    [InlineData((int)Verdict.Malformed)]
    [InlineData(200)]
    [InlineData(-1)]
    public async Task Connect_NextRefusesForNow_TriesAgain(int verdict)
    {
        _neighbour.Listen();
        var connecting = ConnectAsync(_limit.Token);
        using (var refused = await _neighbour.AcceptAsync(_limit.Token))
        {
            await RefuseAsync(refused, verdict);
        }

        await _time.FireAsync(TimeSpan.FromMilliseconds(20));
        await FinishAsync(connecting);
    }

    [Theory]
    [InlineData((int)Verdict.WrongRank, "WrongRank")]
    [InlineData((int)Verdict.WrongSecret, "WrongSecret")]
    public async Task Connect_NextRefusesForGood_SaysWhoAndWhy_AndKeepsNoConnection(int verdict, string reason)
    {
        _neighbour.Listen();
        var connecting = ConnectAsync(_limit.Token);
        using var refused = await _neighbour.AcceptAsync(_limit.Token);
        using var previous = await ProposeAsPreviousAsync();
        await RefuseAsync(refused, verdict);

        var error = await Assert.ThrowsAsync<RingRefusedException>(() => connecting);

        Assert.Equal($"Rank 1 at {NextEndpoint} and rank 0 do not belong to the same ring: {reason}.", error.Message);
        await WaitForEndAsync(refused);
        await WaitForEndAsync(previous);
    }

    /// <summary>The neighbour that is asked proves another secret: no more attempts.</summary>
    [Fact]
    public async Task Connect_NextHasAnotherSecret_IsRefused()
    {
        _neighbour.Listen();
        var connecting = ConnectAsync(_limit.Token);
        using var accepted = await _neighbour.AcceptAsync(_limit.Token);
        var answering = RingHandshake.AnswerAsync(accepted, Neighbour with { Secret = JobSecret.Generate() }, _limit.Token);

        Assert.EndsWith("WrongSecret.", (await Assert.ThrowsAsync<RingRefusedException>(() => connecting)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SocketException>(() => answering);
    }

    /// <summary>A wrong predecessor changes nothing: the right one may still come.</summary>
    [Fact]
    public async Task Connect_StrangersCome_WaitsForTheRightPredecessor()
    {
        _neighbour.Listen();
        var connecting = ConnectAsync(_limit.Token);
        using var toNext = await AcceptNextAsync();
        (RingIdentity Who, Verdict Verdict)[] strangers =
        [
            (Neighbour with { Epoch = 6 }, Verdict.WrongEpoch), (Neighbour with { Rank = 0 }, Verdict.WrongRank),
            (Neighbour with { WorldSize = 4 }, Verdict.WrongRank), (Neighbour with { Secret = JobSecret.Generate() }, Verdict.WrongSecret),
        ];
        foreach (var (who, verdict) in strangers)
        {
            using var stranger = await ConnectToListenerAsync();
            Assert.Equal(verdict, await RingHandshake.ProposeAsync(stranger, who, _limit.Token));
        }

        Assert.False(connecting.IsCompleted);
        using var previous = await ProposeAsPreviousAsync();
        await CloseAsync(connecting);
    }

    [Fact]
    public async Task Connect_ConnectionIsSilent_IsClosedAfterTheHandshakesLimit()
    {
        _neighbour.Listen();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        var connecting = ConnectAsync(stop.Token);
        using var silent = await ConnectToListenerAsync();
        await _time.FireAsync(TimeSpan.FromSeconds(2));

        await WaitForEndAsync(silent);
        Assert.False(connecting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    /// <summary>64 handshakes run at a time. One more ends the oldest, and the right neighbour still finds a place.</summary>
    [Fact]
    public async Task Connect_MoreSilentConnectionsThanPlaces_EndsTheOldestAlone()
    {
        _neighbour.Listen();
        var connecting = ConnectAsync(_limit.Token);
        var silent = new List<Socket>();
        try
        {
            for (var connection = 0; connection < 65; connection++) silent.Add(await ConnectToListenerAsync());

            await WaitForEndAsync(silent[0]);
            Assert.All(silent.Skip(1), socket => Assert.False(socket.Poll(0, SelectMode.SelectRead)));
            using var toNext = await AcceptNextAsync();
            using var previous = await ProposeAsPreviousAsync();
            await CloseAsync(connecting);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Connect_Cancelled_ClosesWhatItHas()
    {
        _neighbour.Listen();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        var connecting = ConnectAsync(stop.Token);
        using var toNext = await AcceptNextAsync();
        using var silent = await ConnectToListenerAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        await WaitForEndAsync(toNext);
    }

    /// <summary>The listener lives for all epochs, so an epoch that ends must not take it along.</summary>
    [Fact]
    public async Task Connect_AfterAnEpochThatWasCancelled_WorksOnTheSameListener()
    {
        _neighbour.Listen();
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token))
        {
            var old = ConnectAsync(stop.Token);
            using var accepted = await _neighbour.AcceptAsync(_limit.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => old);
        }

        await FinishAsync(ConnectAsync(_limit.Token));
    }

    private Task<(Socket Next, Socket Previous)> ConnectAsync(CancellationToken ct) => RingConnector.ConnectAsync(_listener, NextEndpoint, Self, ct);

    /// <summary>Plays both neighbours to the end.</summary>
    private async Task FinishAsync(Task<(Socket Next, Socket Previous)> connecting)
    {
        using var toNext = await AcceptNextAsync();
        using var fromPrevious = await ProposeAsPreviousAsync();
        await CloseAsync(connecting);
    }

    private static async Task CloseAsync(Task<(Socket Next, Socket Previous)> connecting)
    {
        var (next, previous) = await connecting;
        next.Dispose();
        previous.Dispose();
    }

    private async Task<Socket> AcceptNextAsync()
    {
        var socket = await _neighbour.AcceptAsync(_limit.Token);
        Assert.Equal(Verdict.Accepted, await RingHandshake.AnswerAsync(socket, Neighbour, _limit.Token));
        return socket;
    }

    private async Task<Socket> ProposeAsPreviousAsync()
    {
        var socket = await ConnectToListenerAsync();
        Assert.Equal(Verdict.Accepted, await RingHandshake.ProposeAsync(socket, Neighbour, _limit.Token));
        return socket;
    }

    private async Task<Socket> ConnectToListenerAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(_listener.Endpoint), _limit.Token);
        return socket;
    }

    /// <summary>The other end may close the connection or reset it. It sends nothing before that.</summary>
    private async Task WaitForEndAsync(Socket socket)
    {
        try
        {
            Assert.Empty(await SocketPair.ReadToEndAsync(socket, 1, _limit.Token));
        }
        catch (SocketException error)
        {
            Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        }
    }

    /// <summary>Answers the hello with this verdict; -1: ends the connection instead.</summary>
    private async Task RefuseAsync(Socket socket, int verdict)
    {
        await SocketPair.ReadAsync(socket, 60, _limit.Token);
        if (verdict < 0) return;
        var answer = new byte[65];
        answer[0] = (byte)verdict;
        await socket.SendAsync(answer, _limit.Token);
    }
}
