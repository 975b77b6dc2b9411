using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Sockets;

namespace Gemini.Silo.Transfer;

/// <summary>
/// The TCP port of a host. Through it, copies travel between the mapped memory of two hosts. <c>WIRE.md</c> describes the protocol; a
/// <see cref="DataPortSession"/> serves one connection.
/// </summary>
/// <remarks>
/// Anyone can connect. Until a peer has proved itself, its connection counts only against a small separate budget. So it takes no place that copies
/// need. Owns its socket and its sessions, and awaits them on disposal; the memory belongs to its creator.
/// </remarks>
internal sealed partial class DataPort(
    HostMemory memory, JobSecret secret, string jobName, TransferOptions options, TimeProvider time, TransferCounters counters,
    ProbeTurn turn, ILogger<DataPort> logger) : IAsyncDisposable
{
    /// <summary>
    /// Connections that the kernel queues until they are accepted. Accepting is quick; the number is large, so that a burst of strangers fits.
    /// </summary>
    private const int Backlog = 512;

    /// <summary>
    /// A stranger can cause as many refusals as it likes. So the log gets one line in this time, with the number of refusals since the last line.
    /// </summary>
    private static readonly TimeSpan RefusalLogPeriod = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly ILogger<DataPort> _logger = logger;
    private readonly DataHandshake _handshake = new(secret, jobName, options.HandshakeTimeout);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<DataConnection, Task> _sessions = new();
    private readonly UnprovenConnections _unproven = new(options.HandshakesMaximum);
    private readonly AcceptRetry _acceptRetry = new(time);
    private readonly LogThrottle _refusals = new(time, RefusalLogPeriod);
    private int _provenCount;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private bool _disposed;

    /// <summary>The endpoint at which the port really listens; valid after <see cref="StartAsync"/>.</summary>
    public IPEndPoint Endpoint => (IPEndPoint)(_listener ?? throw new InvalidOperationException("The data port is not started.")).LocalEndPoint!;

    /// <summary>Connections that are open, proven or not.</summary>
    public int ConnectionCount => _sessions.Count;

    /// <summary>Starts to listen. Port 0 picks a free one.</summary>
    /// <exception cref="DataPortException">The port cannot be used.</exception>
    public Task StartAsync(IPEndPoint endpoint)
    {
        var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endpoint);
            listener.Listen(Backlog);
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new DataPortException(
                error.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"The data port {endpoint} is in use by another process. Stop that process, or configure another port (0 picks a free one)."
                    : $"The data port {endpoint} cannot be opened: {error.Message}. Configure an address of this host.",
                error);
        }

        _listener = listener;
        LogListening(Endpoint);
        _accepting = Task.Run(() => AcceptAsync(listener));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await _stopping.CancelAsync();
        _listener?.Dispose();
        foreach (var connection in _sessions.Keys) connection.Abort();
        // This wait is bounded. A session that does not end in time keeps its lease, and so its mapping, until it ends.
        await Task.WhenAll([_accepting, .. _sessions.Values]).WaitAsync(StopTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Serve(await listener.AcceptAsync(_stopping.Token));
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Out of descriptors or memory, or the peer closed the connection before it was accepted. The next attempt may succeed.
                await _acceptRetry.RestAsync(error, LogAcceptFailed, _stopping.Token);
            }
        }
    }

    private void Serve(Socket socket)
    {
        var connection = new DataConnection(socket, time, isMarked: false);
        var session = new DataPortSession(connection, memory, _handshake, options, counters, turn, _logger);
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // The place is taken here and not in the session's own task. Tasks begin in any order, but the budget closes the oldest connection first.
        var place = _unproven.Add(connection.Abort);
        _sessions[connection] = RunAsync(begin.Task, session, connection, place);
        if (_stopping.IsCancellationRequested) connection.Abort();
        begin.SetResult();
    }

    private async Task RunAsync(Task begin, DataPortSession session, DataConnection connection, IDisposable place)
    {
        await begin;
        var isAdmitted = false;
        try
        {
            string? refusal;
            using (place) refusal = await session.ProveAsync(() => isAdmitted = TryAdmit());
            if (refusal is null) await session.ServeAsync();
            else Refuse(connection.Remote, refusal);
        }
        catch (Exception error)
        {
            // An error of this program in one session must not stop the port for the others.
            LogSessionFailed(error, connection.Remote);
        }

        if (isAdmitted) Interlocked.Decrement(ref _provenCount);
        _sessions.TryRemove(connection, out _);
        connection.Dispose();
    }

    /// <summary>Whether one more peer that has proved itself can be served.</summary>
    private bool TryAdmit()
    {
        if (Interlocked.Increment(ref _provenCount) <= options.ConnectionsMaximum) return true;
        Interlocked.Decrement(ref _provenCount);
        return false;
    }

    private void Refuse(EndPoint? remote, string reason)
    {
        counters.HandshakeRefused();
        if (_refusals.TryPass(out var more)) LogPeerRefused(remote, reason, more);
    }

    [LoggerMessage(EventIds.DataPortListening, LogLevel.Information, "The data port listens at {Endpoint}.")]
    private partial void LogListening(IPEndPoint endpoint);

    [LoggerMessage(EventIds.PeerRefused, LogLevel.Warning,
        "Refused {Remote} at the data port: {Reason}. Since the last such line {More} others were refused.")]
    private partial void LogPeerRefused(EndPoint? remote, string reason, long more);

    [LoggerMessage(EventIds.DataPortAcceptFailed, LogLevel.Warning,
        "The data port could not accept a connection, and tries again: {Reason} ({Held} more attempts failed since the last line)")]
    private partial void LogAcceptFailed(string reason, long held);

    [LoggerMessage(EventIds.SessionFailed, LogLevel.Error, "Serving the data connection from {Remote} failed.")]
    private partial void LogSessionFailed(Exception error, EndPoint? remote);
}
