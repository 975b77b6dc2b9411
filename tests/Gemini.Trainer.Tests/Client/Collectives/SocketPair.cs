using System.Net;
using System.Net.Sockets;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>Two ends of one TCP connection on this machine.</summary>
internal sealed class SocketPair : IDisposable
{
    /// <summary>More than the monitor looks at, so that a test can leave that much unread.</summary>
    private const int ReceiveBufferBytes = 256 << 10;

    public SocketPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.ReceiveBufferSize = ReceiveBufferBytes;
        listener.Listen(1);
        Near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = ReceiveBufferBytes };
        Near.Connect(listener.LocalEndPoint!);
        Far = listener.Accept();
        Near.NoDelay = Far.NoDelay = true;
    }

    /// <summary>The end that the code under test has.</summary>
    public Socket Near { get; }

    /// <summary>The end that the test plays.</summary>
    public Socket Far { get; }

    /// <summary>Ends the connection as a killed process with unread data does: the other end gets an error.</summary>
    public void Reset()
    {
        Far.LingerState = new LingerOption(true, 0);
        Far.Dispose();
    }

    /// <summary>Reads until the other end closes; at most this many bytes.</summary>
    public static async Task<byte[]> ReadToEndAsync(Socket socket, int maximum, CancellationToken ct)
    {
        var data = new byte[maximum + 1];
        var received = 0;
        while (await socket.ReceiveAsync(data.AsMemory(received), ct) is > 0 and var count) received += count;
        return data[..received];
    }

    public static async Task<byte[]> ReadAsync(Socket socket, int size, CancellationToken ct)
    {
        var data = new byte[size];
        for (var received = 0; received < size;)
        {
            var count = await socket.ReceiveAsync(data.AsMemory(received), ct);
            Assert.True(count > 0, $"The connection ended after {received} of {size} bytes.");
            received += count;
        }

        return data;
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
