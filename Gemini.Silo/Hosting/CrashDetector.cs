using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Turns a broken silo connection into a verdict. When a connection to a peer ends, this silo dials the peer's silo port. If the connection is
/// <em>refused</em>, nobody listens there, so the process is dead. This silo then tells the cluster at once instead of after several missed probes
/// (0.1 s instead of seconds). Silence and time-outs prove nothing; they are left to the probes.
/// </summary>
internal sealed partial class CrashDetector : IConnectionMiddleware
{
    /// <summary>A refusal takes one round trip; a host that has not answered in this time did not refuse.</summary>
    private static readonly TimeSpan DialLimit = TimeSpan.FromMilliseconds(300);

    /// <summary>A dying process may close its connections before its port. So the port is dialled several times.</summary>
    private const int Dials = 8;

    private static readonly TimeSpan DialPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Longer than it takes to tell the cluster, and the cluster takes to tell all silos.</summary>
    private static readonly TimeSpan TurnPause = TimeSpan.FromMilliseconds(50);

    /// <summary>At most this many turns: in a cluster of thousands of hosts, a silo must not wait for minutes.</summary>
    private const int TurnMax = 20;

    /// <summary>
    /// A shorter connection was such a dial: a peer checked this silo. If this silo dialled back, the peer would dial again, and so on.
    /// </summary>
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMilliseconds(500);

    private readonly IServiceProvider _services;
    private readonly ILocalSiloDetails _self;
    private readonly TimeProvider _time;
    private readonly ILogger<CrashDetector> _logger;

    public CrashDetector(IServiceProvider services, ILocalSiloDetails self, TimeProvider time, ILogger<CrashDetector> logger)
    {
        (_services, _self, _time, _logger) = (services, self, time, logger);
        _ = Task.Run(WarmUpAsync);
    }

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = connection.RemoteEndPoint is IPEndPoint remote ? Plain(remote.Address) : null;
        var begun = _time.GetTimestamp();
        try
        {
            await next(connection);
        }
        finally
        {
            if (address is not null && _time.GetElapsedTime(begun) >= ShortestLife) _ = Task.Run(() => CheckAsync(address));
        }
    }

    /// <summary>
    /// How long this silo lets other silos tell the cluster. All silos that had a connection see the death at the same moment. If they write to the
    /// one table together, all writes but one are refused, and Orleans repeats them after a pause of its own. So the silos write in the order of
    /// their addresses.
    /// </summary>
    internal static TimeSpan PauseOf(ClusterMembershipSnapshot snapshot, SiloAddress self, SiloAddress dead)
    {
        var before = snapshot.Members.Values.Count(member => member.Status == SiloStatus.Active
            && !member.SiloAddress.Equals(dead) && member.SiloAddress.CompareTo(self) < 0);
        return TurnPause * Math.Min(before, TurnMax);
    }

    /// <summary>Gives each address one form: a socket for both families shows an IPv4 peer as an IPv6 address.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private async Task CheckAsync(IPAddress address)
    {
        try
        {
            // Resolved late: membership needs connections, and connections need this detector.
            var membership = _services.GetRequiredService<IClusterMembershipService>();
            if (membership.CurrentSnapshot.GetSiloStatus(_self.SiloAddress) != SiloStatus.Active) return;
            var peers = membership.CurrentSnapshot.Members.Values.Where(member =>
                member.Status == SiloStatus.Active
                && !member.SiloAddress.Equals(_self.SiloAddress)
                && Plain(member.SiloAddress.Endpoint.Address).Equals(address));
            await Task.WhenAll(peers.Select(peer => CheckAsync(membership, peer)));
        }
        catch (Exception error) when (error is ObjectDisposedException or OrleansException)
        {
            LogNotChecked(address, error.Message);
        }
    }

    private async Task CheckAsync(IClusterMembershipService membership, ClusterMember peer)
    {
        for (var dial = 0; dial < Dials; dial++)
        {
            if (await RefusesAsync(peer.SiloAddress.Endpoint))
            {
                LogRefused(peer.Name, peer.SiloAddress.Endpoint);
                await Task.Delay(PauseOf(membership.CurrentSnapshot, _self.SiloAddress, peer.SiloAddress), _time);
                if (membership.CurrentSnapshot.GetSiloStatus(peer.SiloAddress) != SiloStatus.Dead) await membership.TryKill(peer.SiloAddress);
                return;
            }

            await Task.Delay(DialPause, _time);
        }
    }

    /// <summary>Makes a first refusal here and not in a recovery: the first socket exception of a process takes tens of milliseconds.</summary>
    private async Task WarmUpAsync()
    {
        using var deaf = new Socket(SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await RefusesAsync((IPEndPoint)deaf.LocalEndPoint!);
    }

    private async Task<bool> RefusesAsync(IPEndPoint endpoint)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = new CancellationTokenSource(DialLimit, _time);
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
