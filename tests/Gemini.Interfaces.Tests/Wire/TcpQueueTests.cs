using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;

namespace Gemini.Interfaces.Tests.Wire;

/// <summary>What a real kernel says of a real connection.</summary>
public sealed class TcpQueueTests
{
    /// <summary>The peer has answered, so it has the bytes. A few bytes say nothing of how fast the path is.</summary>
    [Fact]
    public void Of_AFewBytesThatThePeerHas_DrainedAndNoFasterThanTheyWereSent()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var sender = new TcpClient();
        sender.Connect((IPEndPoint)listener.LocalEndpoint);
        using var receiver = listener.AcceptTcpClient();
        sender.GetStream().Write(new byte[100]);
        receiver.GetStream().ReadExactly(new byte[100]);
        receiver.GetStream().WriteByte(1);
        sender.GetStream().ReadExactly(new byte[1]);

        var queue = TcpQueue.Of(sender.Client);
        Assert.True(queue.HasDrained);
        Assert.True(queue.BytesPerSecond > 0);
        Assert.True(queue.IsRateOfSender);
    }

    [Fact]
    public void Of_AClosedConnection_HasNothingLeftToSend()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Dispose();
        Assert.Equal(default, TcpQueue.Of(socket));
    }
}
