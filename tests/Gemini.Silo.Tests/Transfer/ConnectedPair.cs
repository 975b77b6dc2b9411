using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The two ends of one TCP connection on loopback, without a handshake.</summary>
internal sealed class ConnectedPair : IDisposable
{
    private ConnectedPair(Socket socket, DataConnection tested, DataConnection peer) => (TestedSocket, Tested, Peer) = (socket, tested, peer);

    /// <summary>The socket of <see cref="Tested"/>.</summary>
    public Socket TestedSocket { get; }

    /// <summary>The end that the tested class uses. Its deadlines follow the given clock.</summary>
    public DataConnection Tested { get; }

    /// <summary>The end that the test uses.</summary>
    public DataConnection Peer { get; }

    public static async Task<ConnectedPair> OpenAsync(TimeProvider time)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var tested = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await tested.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        var peer = new DataConnection(await listener.AcceptAsync(TestContext.Current.CancellationToken), TimeProvider.System);
        peer.Arm(Wait.Limit);
        return new ConnectedPair(tested, new DataConnection(tested, time), peer);
    }

    public void Dispose()
    {
        Tested.Dispose();
        Peer.Dispose();
    }
}
