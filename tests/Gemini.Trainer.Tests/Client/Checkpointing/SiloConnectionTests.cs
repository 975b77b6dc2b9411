using System.Collections.Concurrent;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The trainer's end of the trainer socket, over connections that come and go.</summary>
public sealed class SiloConnectionTests : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeSilo _silo;
    private readonly ConcurrentQueue<string> _gone = new();
    private readonly ConcurrentQueue<TrainerMessage> _received = new();
    private readonly HeldTimers _time = new();
    private readonly SiloConnection _connection;
    private int _hellos;

    public SiloConnectionTests()
    {
        _silo = new FakeSilo(_folder);
        _connection = Connection(TimeProvider.System, TimeSpan.FromSeconds(20));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _silo.Kill();
        _folder.Dispose();
    }

    [Fact]
    public async Task Connect_EachTime_SaysHelloFirst()
    {
        _connection.Start();
        Assert.Equal(1, (await _silo.NextAsync<TrainerStopped>()).Epoch);
        Assert.Equal(1, (await _silo.NextAsync<TrainerCapturing>()).Iteration);
        _silo.Kill();
        _silo.Start();
        Assert.Equal(2, (await _silo.NextAsync<TrainerStopped>()).Epoch);
        Assert.Equal(2, (await _silo.NextAsync<TrainerCapturing>()).Iteration);
        Assert.Empty(_gone);
    }

    [Fact]
    public async Task Send_WithoutASilo_IsDropped_AndWithOneInOrder()
    {
        _connection.Send(new TrainerFinished(1, 1));
        _connection.Start();
        await _connection.ConnectedAsync(Ct).WaitAsync(FakeSilo.Limit, Ct);
        for (var iteration = 2; iteration < 50; iteration++) _connection.Send(new TrainerFinished(1, iteration));
        for (var iteration = 2; iteration < 50; iteration++) Assert.Equal(iteration, (await _silo.NextAsync<TrainerFinished>()).Iteration);
    }

    [Fact]
    public async Task SendAsync_IsTrueWhenTheMessageIsOut()
    {
        _connection.Start();
        Assert.True(await _connection.SendAsync(new TrainerFinished(1, 1), Ct).WaitAsync(FakeSilo.Limit, Ct));
        Assert.Equal(1, (await _silo.NextAsync<TrainerFinished>()).Iteration);
    }

    [Fact]
    public async Task SendAsync_NoSiloComes_EndsWithTheToken()
    {
        using var stop = new CancellationTokenSource();
        var sending = _connection.SendAsync(new TrainerWarm(), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    /// <summary>A silo that reads nothing: at most 256 messages wait, and whoever sends is not held.</summary>
    [Fact]
    public async Task Send_SiloReadsNothing_OnlySoManyWait()
    {
        using var listener = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        _silo.Kill();
        File.Delete(_folder.Paths.TrainerSocket);
        listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(_folder.Paths.TrainerSocket));
        listener.Listen();
        _connection.Start();
        using var stuck = await listener.AcceptAsync(Ct);
        var link = await _connection.ConnectedAsync(Ct).WaitAsync(FakeSilo.Limit, Ct);
        var large = new TrainerSaves(1, new string('x', 60_000));
        await Wait.UntilAsync(
            () =>
            {
                _connection.Send(large);
                return link.Outgoing.Reader.Count == 256;
            },
            "a full queue");
        Assert.False(await _connection.SendAsync(large, Ct));
        stuck.Dispose();
        await link.Lost.WaitAsync(FakeSilo.Limit, Ct);
    }

    [Fact]
    public async Task Received_EveryMessage_ComesInOrder()
    {
        _connection.Start();
        await _silo.NextAsync<TrainerStopped>();
        for (var epoch = 1; epoch <= 50; epoch++) _silo.Send(new SiloStop(epoch));
        await Wait.UntilAsync(() => _received.Count == 50, "all messages");
        Assert.Equal(Enumerable.Range(1, 50).Select(epoch => new SiloStop(epoch)), _received);
    }

    [Fact]
    public async Task Lost_SiloDies_IsCompletedAndTheNextLinkIsAnother()
    {
        _connection.Start();
        var first = await _connection.ConnectedAsync(Ct).WaitAsync(FakeSilo.Limit, Ct);
        Assert.Same(first, _connection.Current);
        Assert.False(first.Lost.IsCompleted);
        await _silo.NextAsync<TrainerStopped>();
        _silo.Kill();
        await first.Lost.WaitAsync(FakeSilo.Limit, Ct);
        Assert.Null(_connection.Current);
        _silo.Start();
        Assert.NotSame(first, await _connection.ConnectedAsync(Ct).WaitAsync(FakeSilo.Limit, Ct));
    }

    /// <summary>The clock advances by a millisecond each time that it is asked: once for each attempt after the first.</summary>
    [Fact]
    public async Task NoSilo_ForTheWholeAbsenceLimit_IsGoneOnce()
    {
        _silo.Kill();
        await using var connection = Connection(_time, TimeSpan.FromMilliseconds(2));
        connection.Start();
        await _time.FireAsync(TimeSpan.FromMilliseconds(1));
        Assert.Empty(_gone);
        await _time.FireAsync(TimeSpan.FromMilliseconds(1));
        await Wait.UntilAsync(() => !_gone.IsEmpty, "the end of the limit");
        Assert.Equal($"No silo on {_folder.Paths.TrainerSocket} for 0 s", Assert.Single(_gone));
        Assert.False(_time.Has(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task Dispose_Connected_EndsTheConnection()
    {
        var connection = Connection(TimeProvider.System, TimeSpan.FromSeconds(20));
        connection.Start();
        var link = await connection.ConnectedAsync(Ct).WaitAsync(FakeSilo.Limit, Ct);
        await connection.DisposeAsync().AsTask().WaitAsync(FakeSilo.Limit, Ct);
        Assert.True(link.Lost.IsCompleted);
        Assert.Null(connection.Current);
        await connection.DisposeAsync();
    }

    private SiloConnection Connection(TimeProvider time, TimeSpan limit) => new(
        SessionFixture.LeastOptions(_folder.Paths.TrainerSocket, lockPath: "") with
        {
            ReconnectInterval = TimeSpan.FromMilliseconds(1),
            SiloAbsenceLimit = limit,
            TimeProvider = time,
        },
        () => [new TrainerStopped(++_hellos), new TrainerCapturing(1, _hellos)],
        _received.Enqueue,
        _gone.Enqueue);
}
