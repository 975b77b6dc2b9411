using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// Ports on loopback that nothing uses. They lie below the range from which Linux takes the ports of outgoing connections, so that a
/// host that is started again finds its own still free.
/// </summary>
internal sealed class FreePorts(int seed)
{
    private const int First = 15000;
    private const int Count = 17000;

    /// <summary>Where the search begins: launchers with neighbouring process ids begin 64 ports apart.</summary>
    private int _next = (int)((uint)seed * 64 % Count);

    /// <exception cref="BadInputException">No port is free.</exception>
    public int Next()
    {
        for (var tried = 0; tried < Count; tried++)
        {
            var port = First + _next;
            _next = (_next + 1) % Count;
            if (IsFree(IPAddress.Loopback, port)) return port;
        }

        throw new BadInputException($"No port from {First} to {First + Count - 1} is free on 127.0.0.1; stop what uses them (ss -ltn lists it).");
    }

    /// <summary>Whether nothing listens there.</summary>
    public static bool IsFree(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
