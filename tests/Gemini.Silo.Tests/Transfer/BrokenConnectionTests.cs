using System.Net;
using System.Net.Sockets;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Transfer;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>A problem while a connection is made ends only one attempt: the next attempt, or the next source, follows.</summary>
public sealed class BrokenConnectionTests
{
    private static readonly Rank Zero = new(0);

    private static readonly TransferOptions QuickRetries = new()
    {
        RetryDelayMinimum = TimeSpan.FromMilliseconds(1),
        RetryDelayMaximum = TimeSpan.FromMilliseconds(1),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> SocketErrors => ["too many files", "no memory", "a mistake"];

    [Fact]
    public async Task Connection_PeerHasResetItAlready_FailsAtTheFirstRead()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint, Token);
        Reset(await listener.AcceptSocketAsync(Token));
        await Wait.UntilAsync(() => socket.Poll(TimeSpan.Zero, SelectMode.SelectError) || socket.Poll(TimeSpan.Zero, SelectMode.SelectRead), "the reset");

        using var connection = new DataConnection(socket, TimeProvider.System);
        var error = await Record.ExceptionAsync(async () => await connection.ReceiveFrameAsync(1));
        Assert.True(DataConnection.IsConnectionFailure(error!), $"it is {error}");
    }

    [Fact]
    public async Task Sender_PortResetsEveryConnectionForAWhile_SendsWhenTheHolderIsBack()
    {
        await using var owner = new TestHost(options: QuickRetries);
        Capture(owner);
        var port = TestPorts.Next();
        var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        var sender = owner.SendTo($"127.0.0.1:{port}");
        sender.Offer(Snapshot(1), new Epoch(1), Iteration.Zero);
        for (var connection = 0; connection < 50; connection++) Reset(await listener.AcceptSocketAsync(Token));
        listener.Stop();
        await TestPorts.WaitUntilClosedAsync(port);

        await using var holder = await HolderAsync(port);
        await sender.AckAsync(Snapshot(1));
        Assert.Null(sender.Problem);
    }

    [Theory]
    [MemberData(nameof(SocketErrors))]
    public async Task Sender_NoSocketCanBeOpenedForAWhile_TriesUntilItCan(string what)
    {
        var attempts = 0;
        await using var owner = new TestHost(options: QuickRetries, openSocket: () => ++attempts < 5 ? throw ErrorOf(what) : NewSocket());
        await using var holder = await HolderAsync();
        Capture(owner);
        var sender = owner.SendTo(holder.Endpoint);
        var reasons = new List<string>();
        sender.ProblemChanged += () => reasons.Add(sender.Reason());

        await sender.OfferAndAwaitAsync(Snapshot(1));
        await Wait.UntilAsync(() => reasons.Count == 2, "the problem and its end");
        Assert.Contains(ErrorOf(what).Message, reasons[0], StringComparison.Ordinal);
        Assert.Equal("", reasons[1]);
        Assert.Equal(5, attempts);
    }

    [Fact]
    public async Task Sender_EndpointCannotBeAskedFor_TriesAgain()
    {
        await using var owner = new TestHost(options: QuickRetries);
        await using var holder = await HolderAsync();
        Capture(owner);
        var attempts = 0;
        var sender = owner.SendTo(() => ++attempts < 3 ? throw new InvalidOperationException("not now") : holder.Endpoint);
        await sender.OfferAndAwaitAsync(Snapshot(1));
        Assert.Equal(3, attempts);
    }

    [Theory]
    [MemberData(nameof(SocketErrors))]
    public async Task Fetch_NoSocketCanBeOpened_TheSourceFailedAndAnotherMayBeAsked(string what)
    {
        var attempts = 0;
        await using var target = new TestHost(openSocket: () => attempts++ == 0 ? throw ErrorOf(what) : NewSocket());
        await using var source = await HolderAsync();
        target.Memory.EnsureShard(Zero, PayloadBytes);
        var hash = source.Files.Capture(Zero, 0, Snapshot(1));

        var first = await target.Fetcher.FetchAsync(source.Endpoint, Zero, Snapshot(1), hash, new Epoch(1), Token);
        Assert.Equal(FetchResult.SourceFailed, first.Result);
        Assert.Contains(ErrorOf(what).Message, first.Reason, StringComparison.Ordinal);
        Assert.True((await target.Fetcher.FetchAsync(source.Endpoint, Zero, Snapshot(1), hash, new Epoch(1), Token)).IsCompleted);
    }

    [Fact]
    public async Task Fetch_DataPortIsNotKnown_TheSourceFailed()
    {
        await using var target = new TestHost();
        var outcome = await target.Fetcher.FetchAsync("", Zero, Snapshot(1), default, new Epoch(1), Token);
        Assert.Equal((FetchResult.SourceFailed, "the host's data port is not known"), (outcome.Result, outcome.Reason));
    }

    private static Exception ErrorOf(string what) => what switch
    {
        "too many files" => new SocketException((int)SocketError.TooManyOpenSockets),
        "no memory" => new IOException("no memory for a socket"),
        _ => new InvalidOperationException("a mistake of this program"),
    };

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    private static void Capture(TestHost owner)
    {
        owner.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        owner.Files.Capture(Zero, 0, Snapshot(1));
    }

    private static async Task<TestHost> HolderAsync(int port = 0)
    {
        var holder = await new TestHost().ListenAsync(port);
        holder.Memory.EnsureShard(Zero, PayloadBytes);
        return holder;
    }
}
