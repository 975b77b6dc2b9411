using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Gemini.Silo.Hosting;

/// <summary>
/// Turns a broken silo connection into a verdict. When a connection to a peer ends, this silo dials the peer's silo port. If the connection is
/// <em>refused</em>, nobody listens there, so the process is dead. This silo then tells the cluster at once instead of after several missed probes
/// (0.1 s instead of seconds). Silence and time-outs prove nothing; they are left to the probes.
/// </summary>
/// <remarks>
/// A dial is a connection, too, and the peer sees it end. If the peer dialled back, this silo would dial again, and so on: on busy machines with
/// several silos, thousands of connections a second. So a connection to this silo that brought no byte is a dial, and checks nobody, however late
/// this silo sees its end. And a silo dials each peer in one row at a time, however many connections break together.
/// </remarks>
internal sealed partial class CrashDetector
{
    /// <summary>A dying process may close its connections before its port. So the port is dialled several times.</summary>
    internal const int Dials = 8;

    internal static readonly TimeSpan DialPause = TimeSpan.FromMilliseconds(10);

    /// <summary>A refusal takes one round trip; a host that has not answered in this time did not refuse.</summary>
    private static readonly TimeSpan DialLimit = TimeSpan.FromMilliseconds(300);

    /// <summary>Longer than it takes to tell the cluster, and the cluster takes to tell all silos.</summary>
    private static readonly TimeSpan TurnPause = TimeSpan.FromMilliseconds(50);

    /// <summary>At most this many turns: in a cluster of thousands of hosts, a silo must not wait for minutes.</summary>
    private const int TurnMax = 20;

    private readonly IServiceProvider _services;
    private readonly ILocalSiloDetails _self;
    private readonly TimeProvider _time;
    private readonly ILogger<CrashDetector> _logger;

    /// <summary>The peers that are being dialled, each with the number of dials that are left. Under its own lock.</summary>
    private readonly Dictionary<SiloAddress, int> _dialsLeft = [];

    public CrashDetector(IServiceProvider services, ILocalSiloDetails self, TimeProvider time, ILogger<CrashDetector> logger)
    {
        (_services, _self, _time, _logger) = (services, self, time, logger);
        _ = Task.Run(WarmUpAsync);
    }

    /// <summary>Serves a connection that this silo opened, and checks the peer when it ends.</summary>
    public async Task OnOpenedAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var remote = connection.RemoteEndPoint as IPEndPoint;
        try
        {
            await next(connection);
        }
        finally
        {
            if (remote is not null) _ = CheckAsync(remote);
        }
    }

    /// <summary>Serves a connection that a peer opened, and checks the peer when it ends. A dial ends here and checks nobody.</summary>
    public async Task OnAcceptedAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!await IsDialAsync(connection.Transport.Input)) await OnOpenedAsync(connection, next);
    }

    /// <summary>The peers that may have had a connection to this endpoint: the one that listens there, otherwise all at its address.</summary>
    /// <remarks>The endpoint of a connection that this silo accepted has a port that says nothing.</remarks>
    internal static ImmutableArray<ClusterMember> PeersAt(ClusterMembershipSnapshot snapshot, SiloAddress self, IPEndPoint remote)
    {
        var address = Plain(remote.Address);
        ImmutableArray<ClusterMember> peers = [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active
            && !member.SiloAddress.Equals(self) && Plain(member.SiloAddress.Endpoint.Address).Equals(address))];
        var listener = peers.Where(member => member.SiloAddress.Endpoint.Port == remote.Port).ToImmutableArray();
        return listener.IsEmpty ? peers : listener;
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

    /// <summary>Waits for the first bytes and leaves them unread. True: the peer closed the connection without any.</summary>
    private static async Task<bool> IsDialAsync(PipeReader input)
    {
        try
        {
            var first = await input.ReadAsync();
            input.AdvanceTo(first.Buffer.Start);
            return first.Buffer.IsEmpty && first.IsCompleted;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task CheckAsync(IPEndPoint remote)
    {
        try
        {
            // Resolved late: membership needs connections, and connections need this detector.
            var membership = _services.GetRequiredService<IClusterMembershipService>();
            if (membership.CurrentSnapshot.GetSiloStatus(_self.SiloAddress) != SiloStatus.Active) return;
            await Task.WhenAll(PeersAt(membership.CurrentSnapshot, _self.SiloAddress, remote).Select(peer => CheckAsync(membership, peer)));
        }
        catch (Exception error) when (error is ObjectDisposedException or OrleansException)
        {
            LogNotChecked(remote, error.Message);
        }
    }

    private async Task CheckAsync(IClusterMembershipService membership, ClusterMember peer)
    {
        if (!BeginRow(peer.SiloAddress)) return;
        while (HasDialLeft(peer.SiloAddress))
        {
            if (await RefusesAsync(peer.SiloAddress.Endpoint))
            {
                await TellAsync(membership, peer);
                return;
            }

            await Task.Delay(DialPause, _time);
        }
    }

    /// <summary>Tells the cluster that the peer is dead. The row ends with it, so one death is told once, however many connections it breaks.</summary>
    private async Task TellAsync(IClusterMembershipService membership, ClusterMember peer)
    {
        try
        {
            if (IsDead()) return;
            LogRefused(peer.Name, peer.SiloAddress.Endpoint);
            await Task.Delay(PauseOf(membership.CurrentSnapshot, _self.SiloAddress, peer.SiloAddress), _time);
            if (!IsDead()) await membership.TryKill(peer.SiloAddress);
        }
        finally
        {
            EndRow(peer.SiloAddress);
        }

        bool IsDead() => membership.CurrentSnapshot.GetSiloStatus(peer.SiloAddress) == SiloStatus.Dead;
    }

    /// <summary>Gives the peer a whole row of dials. False: a row is under way, and it goes on for as many dials as a new one has.</summary>
    private bool BeginRow(SiloAddress peer)
    {
        lock (_dialsLeft)
        {
            var isNew = !_dialsLeft.ContainsKey(peer);
            _dialsLeft[peer] = Dials;
            return isNew;
        }
    }

    private bool HasDialLeft(SiloAddress peer)
    {
        lock (_dialsLeft)
        {
            if (_dialsLeft[peer]-- > 0) return true;
            _dialsLeft.Remove(peer);
            return false;
        }
    }

    private void EndRow(SiloAddress peer)
    {
        lock (_dialsLeft) _dialsLeft.Remove(peer);
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
        using var limit = new CancellationTokenSource(DialLimit, _time);
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
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

    [LoggerMessage(EventIds.CrashRefused, LogLevel.Warning, "Host {Host} refuses connections at {Endpoint}: its silo process is dead")]
    private partial void LogRefused(string host, IPEndPoint endpoint);

    [LoggerMessage(EventIds.NotChecked, LogLevel.Debug, "Silos at {Remote} were not checked: {Error}")]
    private partial void LogNotChecked(IPEndPoint remote, string error);
}
