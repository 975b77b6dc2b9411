using System.Net;
using System.Net.Sockets;

namespace Gemini.Benchmarks.Recoveries;

/// <summary>How fast this machine moves bytes from one socket to another: what a fetch is compared with.</summary>
internal static class LoopbackRate
{
    private const int BufferBytes = 4 << 20;

    /// <summary>Bytes per second of one connection on loopback, from memory to memory.</summary>
    /// <param name="bytes">How many are moved. At least one buffer is.</param>
    /// <param name="clock">Measures.</param>
    public static async Task<double> BytesPerSecondAsync(long bytes, TimeProvider clock)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await sender.ConnectAsync(listener.LocalEndPoint!);
        using var receiver = await listener.AcceptAsync();
        var buffers = Math.Max(1, bytes / BufferBytes);
        var begun = clock.GetTimestamp();
        var sending = OnThread(() => Send(sender, buffers));
        await OnThread(() => Receive(receiver, buffers * BufferBytes));
        await sending;
        return buffers * BufferBytes / clock.GetElapsedTime(begun).TotalSeconds;
    }

    private static Task OnThread(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Send(Socket socket, long buffers)
    {
        var buffer = new byte[BufferBytes];
        for (var sent = 0L; sent < buffers; sent++) socket.Send(buffer);
    }

    private static void Receive(Socket socket, long bytes)
    {
        var buffer = new byte[BufferBytes];
        while (bytes > 0)
        {
            var received = socket.Receive(buffer);
            if (received == 0) throw new IOException("the sending socket was closed");
            bytes -= received;
        }
    }
}
