using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Sockets;

namespace Gemini.Silo.Tests.Sockets;

public sealed class OwnInterfaceTests
{
    [Fact]
    public void SocketsAt_BeginAtTheAddress()
    {
        var address = IPAddress.Parse("127.0.0.9");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var socket = OwnInterface.SocketsAt(address)!();
        socket.Connect(listener.LocalEndpoint);
        using var accepted = listener.AcceptSocket();
        Assert.Equal(address, ((IPEndPoint)accepted.RemoteEndPoint!).Address);
    }

    [Fact]
    public void SocketsAt_AddressOfAnotherMachine_IsAnError() =>
        Assert.Throws<SocketException>(() => OwnInterface.SocketsAt(IPAddress.Parse("192.0.2.1"))!());

    [Fact]
    public void SocketsAt_None_LeavesTheChoiceToTheSystem() => Assert.Null(OwnInterface.SocketsAt(null));
}
