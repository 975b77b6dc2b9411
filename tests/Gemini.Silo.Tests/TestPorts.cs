using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Tests;

/// <summary>
/// The ports of this test process, below those that the programs under test take for themselves, and below those of outgoing connections. Its test
/// classes run side by side, so none of them is handed out twice.
/// </summary>
/// <remarks>
/// A process that is just being started has the sockets of this one until it runs its program. So a port that a test has closed may listen a moment
/// longer.
/// </remarks>
internal static class TestPorts
{
    private static readonly Lock Gate = new();
    private static readonly FreePorts Free = new(Environment.ProcessId, first: 10000, count: 5000);

    public static int Next()
    {
        lock (Gate) return Free.Next();
    }

    /// <summary>Completes when nobody listens at this port: a connection is refused, and another socket can take the port.</summary>
    public static Task WaitUntilClosedAsync(int port) => Wait.UntilAsync(() => FreePorts.IsFree(port), $"the end of the listener at port {port}");

    /// <summary>A socket with a port at which nobody listens, and which nobody else gets while the socket is open: every connection is refused.</summary>
    public static Socket Refusing()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
