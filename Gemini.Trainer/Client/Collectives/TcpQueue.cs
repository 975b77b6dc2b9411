using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>What the kernel says about the outgoing queue of a TCP connection (<c>TCP_INFO</c>, see tcp(7)). Allocates nothing.</summary>
internal static class TcpQueue
{
    private const int ProtocolTcp = 6;
    private const int OptionInfo = 11;
    private const int InfoBytes = 148;
    private const int UnackedOffset = 24;
    private const int NotSentOffset = 144;

    /// <summary>A receiver may delay the acknowledgement of one segment by tens of milliseconds, although it has the bytes.</summary>
    private const uint DelayedSegments = 1;

    /// <summary>Whether all bytes have left this machine, and the peer has received them. A broken connection has nothing left to send.</summary>
    public static bool HasDrained(Socket socket)
    {
        Span<byte> info = stackalloc byte[InfoBytes];
        try
        {
            // A kernel older than 4.6 does not count bytes that are not sent. There the segments have to do.
            var bytes = socket.GetRawSocketOption(ProtocolTcp, OptionInfo, info);
            return BinaryPrimitives.ReadUInt32LittleEndian(info[UnackedOffset..]) <= DelayedSegments
                && (bytes < InfoBytes || BinaryPrimitives.ReadUInt32LittleEndian(info[NotSentOffset..]) == 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
