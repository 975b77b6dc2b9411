using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// Unused ports on loopback. They are below the range from which Linux takes the ports of outgoing connections. So a host that is started again finds
/// its own ports still free.
/// </summary>
/// <param name="seed">Where the search begins: launchers with neighbouring process ids begin 64 ports apart.</param>
/// <param name="first">The lowest port.</param>
/// <param name="count">How many there are.</param>
internal sealed class FreePorts(int seed, int first = 15000, int count = 17000)
{
    private int _next = (int)((uint)seed * 64 % (uint)count);

    /// <exception cref="BadInputException">No port is free.</exception>
    public int Next()
    {
        for (var tried = 0; tried < count; tried++)
        {
            var port = first + _next;
            _next = (_next + 1) % count;
            if (IsFree(port)) return port;
        }

        throw new BadInputException($"No port from {first} to {first + count - 1} is free on 127.0.0.1; stop what uses them (ss -ltn lists it).");
    }

    /// <summary>
    /// Whether nobody listens at this port of loopback. Does not listen itself: a process that is just being started would keep the listener until it
    /// runs its own program.
    /// </summary>
    internal static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
