using System.Net.Sockets;
using System.Text;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Sockets;

namespace Gemini.Silo.Trainers;

/// <summary>Accepts trainers on the host's unix socket, and hands each over after its first valid line.</summary>
internal sealed partial class TrainerSocketServer(
    string path, Func<TrainerHello, TrainerConnection, CancellationToken, Task> serve,
    Func<TrainerSpare, TrainerConnection, CancellationToken, Task> serveSpare, TimeProvider time, ILogger logger,
    Func<Socket, CancellationToken, ValueTask<Socket>>? accept = null) : IAsyncDisposable
{
    /// <summary>Longest path of a unix socket on Linux, without its terminating zero.</summary>
    private const int MaxPathBytes = 107;

    private static readonly TimeSpan HelloLimit = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly AcceptRetry _acceptRetry = new(time);
    private readonly Func<Socket, CancellationToken, ValueTask<Socket>> _accept = accept ?? ((listener, ct) => listener.AcceptAsync(ct));
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Makes the socket. If an earlier silo left one, that is removed first.</summary>
    /// <exception cref="InvalidOperationException">The path is too long; the message says what to shorten.</exception>
    public void Start()
    {
        var length = Encoding.UTF8.GetByteCount(path);
        if (length > MaxPathBytes)
            throw new InvalidOperationException(
                $"The trainer socket {path} has {length} bytes; Linux allows {MaxPathBytes}. " +
                "Shorten the root, the job's or the host's name.");
        Listen();
    }

    /// <summary>Makes the socket again if somebody deleted it, because trainers find it only by its name. Connections stay.</summary>
    /// <exception cref="SocketException">The socket cannot be made. The next call tries again.</exception>
    public void EnsureSocket()
    {
        if (_stop.IsCancellationRequested || _listener is null || File.Exists(path)) return;
        // Dispose it before the new socket is made: disposing deletes the file with its name.
        _listener.Dispose();
        Listen();
        LogSocketRestored(logger, path);
    }

    private void Listen()
    {
        File.Delete(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody else could connect before this call either, because only this user has access to the folder.
            File.SetUnixFileMode(path, PrivateFile.Mode);
            listener.Listen();
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        _listener = listener;
        _accepting = AcceptAsync(listener);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _accept(listener, _stop.Token);
                _connections.RemoveAll(connection => connection.IsCompleted);
                _connections.Add(Task.Run(() => ServeAsync(socket)));
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.OperationAborted)
            {
                // The listener was disposed during the wait.
                return;
            }
            catch (SocketException error)
            {
                // Out of descriptors or memory. The trainer's connection stays in the kernel's queue.
                await _acceptRetry.RestAsync(error, (reason, held) => LogAcceptFailed(logger, reason, held), _stop.Token);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var connection = new TrainerConnection(socket);
        using var late = new CancellationTokenSource(HelloLimit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, late.Token);
        try
        {
            if (PeerCredentials.Problem(socket) is { } stranger)
            {
                LogRefused(logger, stranger);
                return;
            }

            switch (await connection.ReceiveAsync(limit.Token))
            {
                case TrainerHello { Version: TrainerProtocol.Version } hello:
                    await serve(hello, connection, _stop.Token);
                    break;
                case TrainerSpare { Version: TrainerProtocol.Version } spare:
                    await serveSpare(spare, connection, _stop.Token);
                    break;
                case TrainerHello hello:
                    LogRefused(logger, $"it uses version {hello.Version} of the protocol, but this silo uses version {TrainerProtocol.Version}");
                    break;
                case { } other:
                    LogRefused(logger, $"its first line is a {other.GetType().Name}");
                    break;
            }
        }
        catch (InvalidDataException error)
        {
            LogRefused(logger, error.Message);
        }
        catch (OperationCanceledException)
        {
            if (!_stop.IsCancellationRequested) LogRefused(logger, "it said no hello in time");
        }
        catch (Exception error)
        {
            // An error in one connection must never end the silo.
            LogConnectionFailed(logger, error);
        }
    }

    [LoggerMessage(EventIds.TrainerSocketAcceptFailed, LogLevel.Warning,
        "The silo could not accept a trainer, and tries again: {Reason} ({Held} more attempts failed since the last line)")]
    private static partial void LogAcceptFailed(ILogger logger, string reason, long held);

    [LoggerMessage(EventIds.SocketRestored, LogLevel.Warning, "Somebody deleted the trainer socket {Path}. It was made again.")]
    private static partial void LogSocketRestored(ILogger logger, string path);

    [LoggerMessage(EventIds.TrainerSocketRefused, LogLevel.Warning, "Closed a connection on the trainer socket: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(EventIds.ConnectionFailed, LogLevel.Error, "A trainer's connection failed unexpectedly")]
    private static partial void LogConnectionFailed(ILogger logger, Exception error);
}
