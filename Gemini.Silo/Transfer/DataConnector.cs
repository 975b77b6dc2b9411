using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Transfer;

/// <summary>Opens authenticated connections to other hosts' data ports. Shared by all senders and fetchers of a silo.</summary>
/// <param name="secret">The job's secret.</param>
/// <param name="jobName">The job to which the peer must belong.</param>
/// <param name="options">The limits of each part.</param>
/// <param name="time">The clock of all transfers.</param>
/// <param name="counters">Counts of this silo's transfers.</param>
/// <param name="openSocket">Makes an unconnected TCP socket; null: the operating system's.</param>
/// <param name="isMarked">Whether connections are marked as background traffic.</param>
internal sealed class DataConnector(
    JobSecret secret, string jobName, TransferOptions options, TimeProvider time, TransferCounters counters, Func<Socket>? openSocket = null,
    bool isMarked = true)
{
    private readonly DataHandshake _handshake = new(secret, jobName, options.HandshakeTimeout);
    private readonly Func<Socket> _openSocket = openSocket ?? (() => new Socket(SocketType.Stream, ProtocolType.Tcp));

    public TransferOptions Options => options;

    public TimeProvider Time => time;

    public TransferCounters Counters => counters;

    /// <summary>
    /// Returns a connection that has passed the handshake, or the reason why there is none. Every failure is returned as text, also one of this host,
    /// such as too many open files. The caller then tries again or asks another host. Ownership: the caller disposes.
    /// </summary>
    /// <param name="endpoint">"address:port"; empty: the peer's data port is not known.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public Task<(DataConnection? Connection, string Problem)> ConnectAsync(string endpoint, CancellationToken cancellationToken) =>
        ConnectAsync(endpoint, isMarked, cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, CancellationToken)"/>
    /// <param name="endpoint">"address:port"; empty: the peer's data port is not known.</param>
    /// <param name="marked">Whether the connection is marked as background traffic.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<(DataConnection? Connection, string Problem)> ConnectAsync(string endpoint, bool marked, CancellationToken cancellationToken)
    {
        if (endpoint.Length == 0) return (null, "the host's data port is not known");
        if (Parse(endpoint) is not { } address) return (null, $"'{endpoint}' is not an address and a port");
        DataConnection connection;
        try
        {
            connection = await OpenAsync(address, marked, cancellationToken);
        }
        catch (Exception error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, error is OperationCanceledException ? $"no connection within {options.ConnectTimeout}" : DataConnection.Describe(error));
        }

        var problem = await ShakeHandsAsync(connection, cancellationToken);
        if (problem is null) return (connection, "");
        connection.Dispose();
        cancellationToken.ThrowIfCancellationRequested();
        return (null, problem);
    }

    private static EndPoint? Parse(string endpoint)
    {
        if (IPEndPoint.TryParse(endpoint, out var address)) return address.Port == 0 ? null : address;
        var colon = endpoint.LastIndexOf(':');
        if (colon <= 0) return null;
        return ushort.TryParse(endpoint.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? new DnsEndPoint(endpoint[..colon], port)
            : null;
    }

    private async Task<DataConnection> OpenAsync(EndPoint address, bool marked, CancellationToken cancellationToken)
    {
        var socket = _openSocket();
        try
        {
            using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            await socket.ConnectAsync(address, either.Token);
            return new DataConnection(socket, time, marked);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Null if the peer has proved that it belongs to the job.</summary>
    private async Task<string?> ShakeHandsAsync(DataConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            using var abort = cancellationToken.UnsafeRegister(static state => ((DataConnection)state!).Abort(), connection);
            return await _handshake.ConnectAsync(connection);
        }
        catch (EndOfStreamException)
        {
            return "the peer refused the handshake: another job, another secret, or another version";
        }
        catch (Exception error)
        {
            return $"the handshake failed: {DataConnection.Describe(error)}";
        }
    }
}
