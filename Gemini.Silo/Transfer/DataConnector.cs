using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Transfer;

/// <summary>Opens authenticated connections to other hosts' data ports. Shared by all senders and fetchers of a silo.</summary>
internal sealed class DataConnector(JobSecret secret, string jobName, TransferOptions options, TimeProvider time, TransferCounters counters)
{
    private readonly DataHandshake _handshake = new(secret, jobName, options.HandshakeTimeout);

    public TransferOptions Options => options;

    public TimeProvider Time => time;

    public TransferCounters Counters => counters;

    /// <summary>A connection that has passed the handshake, or why there is none. Ownership: the caller disposes.</summary>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task<(DataConnection? Connection, string Problem)> ConnectAsync(string endpoint, CancellationToken cancellationToken)
    {
        if (Parse(endpoint) is not { } address) return (null, $"'{endpoint}' is not an address and a port");
        var (socket, problem) = await OpenAsync(address, cancellationToken);
        if (socket is null) return (null, problem);
        var connection = new DataConnection(socket, time);
        var refusal = await ShakeHandsAsync(connection, cancellationToken);
        if (refusal is null) return (connection, "");
        connection.Dispose();
        cancellationToken.ThrowIfCancellationRequested();
        return (null, refusal);
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

    private async Task<(Socket? Socket, string Problem)> OpenAsync(EndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(address, either.Token);
            return (socket, "");
        }
        catch (Exception error) when (DataConnection.IsConnectionFailure(error))
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return (null, error is OperationCanceledException ? $"no connection within {options.ConnectTimeout}" : error.Message);
        }
    }

    private async Task<string?> ShakeHandsAsync(DataConnection connection, CancellationToken cancellationToken)
    {
        using var abort = cancellationToken.UnsafeRegister(static state => ((DataConnection)state!).Abort(), connection);
        try
        {
            return await _handshake.ConnectAsync(connection);
        }
        catch (EndOfStreamException)
        {
            return "the peer refused the handshake: another job, another secret, or another version";
        }
        catch (Exception error) when (DataConnection.IsConnectionFailure(error))
        {
            return $"the handshake failed: {DataConnection.Describe(error)}";
        }
    }
}
