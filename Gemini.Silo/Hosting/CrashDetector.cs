using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Turns a broken silo connection into a verdict. When a connection to a peer ends, its silo port is dialled once: if the
/// connection is <em>refused</em>, nobody listens, so the process is dead, and the cluster is told at once instead of after
/// several missed probes (0.1 s instead of seconds). Silence and time-outs prove nothing and are left to the probes.
/// </summary>
internal sealed partial class CrashDetector(IServiceProvider services, ILocalSiloDetails self, ILogger<CrashDetector> logger) : IConnectionMiddleware
{
    /// <summary>A refusal takes one round trip; a host that has not answered in this time did not refuse.</summary>
    private static readonly TimeSpan DialLimit = TimeSpan.FromMilliseconds(300);

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address.MapToIPv4();
        try
        {
            await next(connection);
        }
        finally
        {
            if (address is not null) _ = Task.Run(() => CheckAsync(address));
        }
    }

    private async Task CheckAsync(IPAddress address)
    {
        try
        {
            // Resolved late: membership needs connections, and connections need this.
            var membership = services.GetRequiredService<IClusterMembershipService>();
            if (membership.CurrentSnapshot.GetSiloStatus(self.SiloAddress) != SiloStatus.Active) return;
            var peers = membership.CurrentSnapshot.Members.Values.Where(member =>
                member.Status == SiloStatus.Active
                && !member.SiloAddress.Equals(self.SiloAddress)
                && member.SiloAddress.Endpoint.Address.MapToIPv4().Equals(address));
            foreach (var peer in peers)
            {
                if (!await RefusesAsync(peer.SiloAddress.Endpoint)) continue;
                LogRefused(peer.Name, peer.SiloAddress.Endpoint);
                await membership.TryKill(peer.SiloAddress);
            }
        }
        catch (Exception error) when (error is ObjectDisposedException or OrleansException)
        {
            LogNotChecked(address, error.Message);
        }
    }

    private static async Task<bool> RefusesAsync(IPEndPoint endpoint)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(DialLimit);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            return false;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(3100, LogLevel.Warning, "Host {Host} refuses connections at {Endpoint}: its silo process is dead")]
    private partial void LogRefused(string host, IPEndPoint endpoint);

    [LoggerMessage(3101, LogLevel.Debug, "Silos at {Address} were not checked: {Error}")]
    private partial void LogNotChecked(IPAddress address, string error);
}
