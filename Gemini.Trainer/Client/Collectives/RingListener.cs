using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>Listens for a rank's predecessor in the ring. Lives as long as the process, across epochs.</summary>
public sealed class RingListener : IDisposable
{
    // Enough for one predecessor, connections left from earlier epochs, and strangers: while an epoch runs, nobody accepts connections.
    private const int Backlog = 512;

    private readonly Socket _socket;

    /// <summary>Listens at a port that the system chooses.</summary>
    /// <param name="address">An address of this host that the other trainers can reach; loopback if all are on this host.</param>
    public RingListener(IPAddress address)
        : this(address, default(PortRange))
    {
    }

    /// <summary>Listens at the first free port of a range.</summary>
    /// <param name="address">An address of this host that the other trainers can reach; loopback if all are on this host.</param>
    /// <param name="ports">Ports that the firewall opens for the other trainers: <c>GeminiOptions.Ports</c>.</param>
    /// <exception cref="SocketException">No port of the range is free, or the address is not one of this machine. The message names both.</exception>
    public RingListener(IPAddress address, PortRange ports)
        : this(address, ports, TimeProvider.System)
    {
    }

    /// <summary>The same with another clock.</summary>
    internal RingListener(IPAddress address, PortRange ports, TimeProvider time)
    {
        (Time, Waits) = (time, new WaitMeter(time));
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            throw new ArgumentException($"Peers cannot connect to {address}; name an address of this host.", nameof(address));
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            ports.Bind(_socket, address);
            _socket.Listen(Backlog);
        }
        catch (SocketException error)
        {
            _socket.Dispose();
            var port = ports.Count switch
            {
                0 => "",
                1 => string.Create(CultureInfo.InvariantCulture, $" port {ports.First}"),
                _ => $" ports {ports}",
            };
            throw new SocketException((int)error.SocketErrorCode, $"This rank cannot listen for its neighbour at {address}{port}: {error.Message}");
        }

        Endpoint = _socket.LocalEndPoint!.ToString()!;
    }

    /// <summary>Listens at a given port that the peers know in advance.</summary>
    /// <param name="endpoint">An address of this host and a port; port 0: the system chooses.</param>
    public RingListener(IPEndPoint endpoint)
        : this(endpoint.Address, new PortRange(endpoint.Port, endpoint.Port))
    {
    }

    /// <summary>"address:port", for the other ranks.</summary>
    public string Endpoint { get; }

    /// <summary>How long this rank has waited for its neighbours, in all rings that were connected with this listener.</summary>
    public WaitMeter Waits { get; }

    /// <summary>The clock of the rings that are connected with this listener.</summary>
    internal TimeProvider Time { get; }

    public void Dispose() => _socket.Dispose();

    internal ValueTask<Socket> AcceptAsync(CancellationToken ct) => _socket.AcceptAsync(ct);
}
