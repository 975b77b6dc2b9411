using System.Net;
using System.Net.Sockets;

namespace Gemini.Silo.Sockets;

/// <summary>TCP connections that begin at a chosen address of this host, and so leave by that network interface.</summary>
internal static class OwnInterface
{
    /// <summary>What makes an unconnected socket; null if the operating system chooses the address.</summary>
    /// <param name="address">An address of this host; null: none is chosen.</param>
    public static Func<Socket>? SocketsAt(IPAddress? address) => address is null ? null : () => SocketAt(address);

    /// <exception cref="SocketException">This host does not have the address.</exception>
    private static Socket SocketAt(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
