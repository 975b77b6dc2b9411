using System.Net;
using System.Net.Sockets;

namespace Gemini.Trainer.Collectives;

/// <summary>Where a rank's predecessor in the ring connects to. Lives as long as the process, across epochs.</summary>
public sealed class RingListener : IDisposable
{
    // One live predecessor, what is left of earlier epochs, and strangers: nobody accepts while an epoch runs.
    private const int Backlog = 512;

    private readonly Socket _socket;

    /// <summary>Listens at a port that the system chooses.</summary>
    /// <param name="address">An address of this host that the other trainers can reach; loopback if all are on this host.</param>
    public RingListener(IPAddress address)
        : this(new IPEndPoint(address, 0))
    {
    }

    /// <summary>Listens at a given port, for peers that were told of it beforehand.</summary>
    /// <param name="endpoint">An address of this host and a port; port 0: the system chooses.</param>
    public RingListener(IPEndPoint endpoint)
    {
        var address = endpoint.Address;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            throw new ArgumentException($"{address} is no address that peers can connect to; name one of this host.", nameof(endpoint));
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(endpoint);
        _socket.Listen(Backlog);
        Endpoint = _socket.LocalEndPoint!.ToString()!;
    }

    /// <summary>"address:port", for the other ranks.</summary>
    public string Endpoint { get; }

    /// <summary>How long this rank has waited for its neighbours, in all rings that were connected with this listener.</summary>
    public WaitMeter Waits { get; } = new();

    public void Dispose() => _socket.Dispose();

    internal ValueTask<Socket> AcceptAsync(CancellationToken cancellationToken) => _socket.AcceptAsync(cancellationToken);
}
