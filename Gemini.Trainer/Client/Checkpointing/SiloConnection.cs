using System.Net.Sockets;
using System.Threading.Channels;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// The trainer's end of the trainer socket: one connection at a time. While the session lives, a lost connection is made again. A lost connection
/// means that the silo process has ended; the trainer survives that.
/// </summary>
internal sealed class SiloConnection(
    GeminiOptions options, Func<IEnumerable<TrainerMessage>> hello, Action<TrainerMessage> received, Action<string> gone) : IAsyncDisposable
{
    /// <summary>A trainer sends one or a few messages per iteration. If more than this many are unsent, the silo is stuck.</summary>
    private const int MaxUnsent = 256;

    private readonly CancellationTokenSource _stop = new();
    private volatile Link? _link;
    private bool _strangerIsTold;
    private volatile TaskCompletionSource<Link> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;

    /// <summary>The present connection, or null.</summary>
    public Link? Current => _link;

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>The connection; waits until there is one.</summary>
    public async Task<Link> ConnectedAsync(CancellationToken ct) =>
        _link ?? await _connected.Task.WaitAsync(ct);

    /// <summary>Queues a message. Without a silo the message is dropped, because the next hello contains what still matters.</summary>
    public void Send(TrainerMessage message) => _link?.Outgoing.Writer.TryWrite((message, null));

    /// <summary>Sends a message. Returns whether it was handed to the operating system before the connection ended.</summary>
    public async Task<bool> SendAsync(TrainerMessage message, CancellationToken ct)
    {
        var link = await ConnectedAsync(ct);
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!link.Outgoing.Writer.TryWrite((message, sent))) return false;
        return await Task.WhenAny(sent.Task, link.Lost).WaitAsync(ct) == sent.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var absentSince = options.TimeProvider.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            if (await TryConnectAsync() is { } socket)
            {
                await ServeAsync(socket);
                absentSince = options.TimeProvider.GetTimestamp();
            }
            else if (options.TimeProvider.GetElapsedTime(absentSince) > options.SiloAbsenceLimit)
            {
                gone($"No silo on {options.SocketPath} for {options.SiloAbsenceLimit.TotalSeconds:0} s");
                return;
            }

            await Task.Delay(options.ReconnectInterval, options.TimeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Socket?> TryConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(options.SocketPath), _stop.Token);
            if (PeerCredentials.Problem(socket) is not { } stranger) return socket;
            if (!_strangerIsTold)
                options.Log($"{options.SocketPath} does not belong to this host's silo: {stranger}. Remove it, and check who can write to its folder.");
            _strangerIsTold = true;
            socket.Dispose();
            return null;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Runs one connection from hello to its end.</summary>
    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var link = new Link();
        foreach (var message in hello()) link.Outgoing.Writer.TryWrite((message, null));
        var writing = WriteAsync(stream, link);
        _link = link;
        _connected.TrySetResult(link);
        await ReadAsync(stream);
        _connected = new TaskCompletionSource<Link>(TaskCreationOptions.RunContinuationsAsynchronously);
        _link = null;
        link.Outgoing.Writer.TryComplete();
        link.SetLost();
        socket.Close();
        await writing;
    }

    private async Task ReadAsync(NetworkStream stream)
    {
        try
        {
            var reader = new TrainerLineReader(stream);
            while (await reader.ReadAsync(_stop.Token) is { } message) received(message);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The silo has ended, or the session ends.
        }
        catch (InvalidDataException error)
        {
            options.Log($"The silo sent an invalid line; connecting again. {error.Message}");
        }
    }

    private static async Task WriteAsync(NetworkStream stream, Link link)
    {
        try
        {
            await foreach (var (message, sent) in link.Outgoing.Reader.ReadAllAsync())
            {
                await stream.WriteAsync(TrainerProtocol.Encode(message));
                sent?.TrySetResult();
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The reader notices the end too and ends this connection.
        }
    }

    /// <summary>One connection.</summary>
    internal sealed class Link
    {
        private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Channel<(TrainerMessage Message, TaskCompletionSource? Sent)> Outgoing { get; } =
            Channel.CreateBounded<(TrainerMessage, TaskCompletionSource?)>(new BoundedChannelOptions(MaxUnsent) { SingleReader = true });

        /// <summary>Completes when the connection has ended.</summary>
        public Task Lost => _lost.Task;

        public void SetLost() => _lost.TrySetResult();
    }
}
