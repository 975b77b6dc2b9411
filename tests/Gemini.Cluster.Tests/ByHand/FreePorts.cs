using System.Net;
using System.Net.Sockets;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// Free ports on loopback, below those that Linux gives to outgoing connections, so that a host that is started again finds
/// its own still free, and below those that the demo takes.
/// </summary>
internal static class FreePorts
{
    private const int First = 10000;
    private const int Count = 5000;

    /// <summary>Tests that run side by side in other processes begin elsewhere.</summary>
    private static int _next = Environment.ProcessId * 32 % Count;

    public static int Next()
    {
        for (var tried = 0; tried < Count; tried++)
        {
            var port = First + _next;
            _next = (_next + 1) % Count;
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }

        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free on 127.0.0.1.");
    }
}
