using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;

namespace Gemini.Benchmarks.Transfers;

/// <summary>
/// The limit of a transfer: a socket, two threads that block, and nothing else. The bytes go from the payload of one segment to that of another, as the
/// product's do, so both read and write the same amount of memory.
/// </summary>
/// <remarks>The asking side sends a request, and then the bytes go in the direction that it names. The receiver of the bytes answers the last one.</remarks>
internal static unsafe class RawSocket
{
    /// <summary>One socket call.</summary>
    private const int PieceBytes = 1 << 20;

    private const int RequestBytes = 16;

    /// <summary>Accepts connections for ever, and serves each with a thread of its own.</summary>
    /// <param name="segmentOf">The segment of a rank, from which bytes are sent or into which they are received.</param>
    /// <returns>Where it listens.</returns>
    public static IPEndPoint Serve(Func<int, MappedSegment> segmentOf)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Start(() =>
        {
            while (true)
            {
                var peer = listener.Accept();
                Start(() => Serve(peer, segmentOf));
            }
        });
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    public static Socket Connect(string endpoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPEndPoint.Parse(endpoint));
        return socket;
    }

    /// <summary>Sends the payload of a segment into the peer's segment of that rank. Returns when the peer has all of it.</summary>
    public static void Push(Socket socket, int rank, MappedSegment source)
    {
        Request(socket, rank, isPush: true);
        Send(socket, source);
        Receive(socket, stackalloc byte[1]);
    }

    /// <summary>Receives the payload of the peer's segment of that rank.</summary>
    public static void Pull(Socket socket, int rank, MappedSegment target)
    {
        Request(socket, rank, isPush: false);
        Receive(socket, target);
    }

    private static void Request(Socket socket, int rank, bool isPush)
    {
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(request, rank);
        request[sizeof(int)] = isPush ? (byte)1 : (byte)0;
        Send(socket, request);
    }

    private static void Serve(Socket peer, Func<int, MappedSegment> segmentOf)
    {
        peer.NoDelay = true;
        Span<byte> request = stackalloc byte[RequestBytes];
        while (Receive(peer, request))
        {
            var segment = segmentOf(BinaryPrimitives.ReadInt32LittleEndian(request));
            if (request[sizeof(int)] == 0)
            {
                Send(peer, segment);
                continue;
            }

            Receive(peer, segment);
            Send(peer, [1]);
        }

        peer.Dispose();
    }

    private static void Send(Socket socket, MappedSegment source)
    {
        for (long sent = 0; sent < source.PayloadBytes; sent += PieceBytes) Send(socket, Piece(source, sent));
    }

    private static void Receive(Socket socket, MappedSegment target)
    {
        for (long received = 0; received < target.PayloadBytes; received += PieceBytes) Receive(socket, Piece(target, received));
    }

    private static Span<byte> Piece(MappedSegment segment, long offset) =>
        new(segment.Payload + offset, (int)Math.Min(PieceBytes, segment.PayloadBytes - offset));

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[socket.Send(bytes)..];
    }

    /// <summary>False if the peer has closed the connection.</summary>
    private static bool Receive(Socket socket, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = socket.Receive(bytes);
            if (count == 0) return false;
            bytes = bytes[count..];
        }

        return true;
    }

    private static void Start(ThreadStart run) => new Thread(run) { IsBackground = true }.Start();
}
