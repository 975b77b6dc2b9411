using System.Net.Sockets;
using System.Text;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>The silo's end of a trainer's socket, with a trainer that reads, does not read, or goes away.</summary>
public sealed class TrainerConnectionTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-line-").FullName;
    private Socket _trainer = null!;
    private TrainerConnection _connection = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var address = new UnixDomainSocketEndPoint(Path.Combine(_folder, "s"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(address);
        listener.Listen();
        _trainer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await _trainer.ConnectAsync(address, Token);
        _connection = new TrainerConnection(await listener.AcceptAsync(Token));
    }

    public async ValueTask DisposeAsync()
    {
        _trainer.Dispose();
        await _connection.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Send_Several_ArriveInOrder()
    {
        for (var iteration = 1; iteration <= 100; iteration++) _connection.Send(new SiloCommitted(1, iteration));
        using var reader = new StreamReader(new NetworkStream(_trainer));
        for (var iteration = 1; iteration <= 100; iteration++)
            Assert.Equal(new SiloCommitted(1, iteration), TrainerProtocol.Decode((await reader.ReadLineAsync(Token))!));
    }

    [Fact]
    public async Task Receive_LinesInPieces_AreMessages()
    {
        var line = TrainerProtocol.Encode(new TrainerStep(1, 2, 3.5, 10));
        await _trainer.SendAsync(line.AsMemory(0, 7), Token);
        var received = _connection.ReceiveAsync(Token);
        await _trainer.SendAsync((byte[])[.. line[7..], .. line], Token);
        Assert.Equal(new TrainerStep(1, 2, 3.5, 10), await received);
        Assert.Equal(new TrainerStep(1, 2, 3.5, 10), await _connection.ReceiveAsync(Token));
    }

    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("\n")]
    [InlineData("null\n")]
    [InlineData("{\"type\":\"unknown\"}\n")]
    public async Task Receive_LineThatIsNoMessage_IsAnError(string line)
    {
        await _trainer.SendAsync(Encoding.UTF8.GetBytes(line), Token);
        await Assert.ThrowsAsync<InvalidDataException>(() => _connection.ReceiveAsync(Token));
    }

    [Fact]
    public async Task Receive_TrainerEnds_IsNull_AlsoInTheMiddleOfALine()
    {
        await _trainer.SendAsync("{\"half"u8.ToArray(), Token);
        _trainer.Shutdown(SocketShutdown.Both);
        Assert.Null(await _connection.ReceiveAsync(Token));
        Assert.Null(await _connection.ReceiveAsync(Token));
    }

    [Fact]
    public async Task Receive_TrainerDiesWithUnreadMessages_IsNull()
    {
        _connection.Send(new SiloCommitted(1, 1));
        await Wait.UntilAsync(() => _trainer.Available > 0, "the message");
        // Closing a unix socket with unread bytes resets the connection.
        _trainer.Dispose();
        Assert.Null(await _connection.ReceiveAsync(Token));
    }

    /// <summary>A training loop that is stuck reads nothing. The silo must not keep its messages for ever, and must not wait.</summary>
    [Fact]
    public async Task Send_TrainerReadsNothing_EndsTheConnection()
    {
        var receiving = _connection.ReceiveAsync(Token);
        var text = new string('x', 32_000);
        for (var message = 0; message < 2000 && !receiving.IsCompleted; message++) _connection.Send(new SiloExit(text));
        Assert.Null(await receiving.WaitAsync(Wait.Limit, Token));
        await _connection.DisposeAsync().AsTask().WaitAsync(Wait.Limit, Token);
    }

    [Fact]
    public async Task Close_EndsAPendingReceive_AndTellsTheTrainer_AndMayBeRepeated()
    {
        var receiving = _connection.ReceiveAsync(Token);
        _connection.Close();
        _connection.Close();
        Assert.Null(await receiving.WaitAsync(Wait.Limit, Token));
        Assert.Equal(0, await _trainer.ReceiveAsync(new byte[1], Token));
        _connection.Send(new SiloCommitted(1, 1));
    }

    [Fact]
    public async Task Close_TrainerHasGoneBefore_IsNoError()
    {
        _trainer.Dispose();
        Assert.Null(await _connection.ReceiveAsync(Token));
        _connection.Close();
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Receive_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        var receiving = _connection.ReceiveAsync(cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiving);
    }
}
