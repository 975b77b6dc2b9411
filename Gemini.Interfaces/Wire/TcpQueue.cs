using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gemini.Interfaces.Wire;

/// <summary>What the kernel says about the outgoing queue of a TCP connection (<c>TCP_INFO</c>, see tcp(7)). Asking allocates nothing.</summary>
/// <param name="UnackedSegments">Segments that were sent and not acknowledged.</param>
/// <param name="SegmentBytes">The size of a full segment.</param>
/// <param name="UnsentBytes">Bytes that were not sent yet; 0 on a kernel older than 4.6, which does not say.</param>
/// <param name="BytesPerSecond">How fast the peer received the newest acknowledged bytes; 0 if nothing was acknowledged, or before kernel 4.9.</param>
/// <param name="IsRateOfSender">Whether that was as fast as this side sent, and the path may be faster.</param>
public readonly record struct TcpQueue(uint UnackedSegments, uint SegmentBytes, uint UnsentBytes, long BytesPerSecond, bool IsRateOfSender)
{
    private const int ProtocolTcp = 6;
    private const int OptionInfo = 11;
    private const int InfoBytes = 168;

    /// <summary>The lowest bit of this byte is tcpi_delivery_rate_app_limited.</summary>
    private const int LimitedOffset = 7;

    private const int SegmentOffset = 16;
    private const int UnackedOffset = 24;
    private const int UnsentOffset = 144;
    private const int RateOffset = 160;

    /// <summary>A receiver may delay the acknowledgement of one segment by tens of milliseconds, although it has the bytes.</summary>
    private const uint DelayedSegments = 1;

    /// <summary>Whether all bytes have left this machine, and the peer has received them.</summary>
    public bool HasDrained => UnackedSegments <= DelayedSegments && UnsentBytes == 0;

    /// <summary>How many bytes are on their way or wait for it; at most, because segments may be smaller.</summary>
    public long Bytes => UnsentBytes + (UnackedSegments <= DelayedSegments ? 0 : (long)UnackedSegments * SegmentBytes);

    /// <summary>The queue at this moment. A broken connection has nothing left to send.</summary>
    public static TcpQueue Of(Socket socket)
    {
        Span<byte> info = stackalloc byte[InfoBytes];
        info.Clear();
        try
        {
            _ = socket.GetRawSocketOption(ProtocolTcp, OptionInfo, info);
            return new TcpQueue(
                BinaryPrimitives.ReadUInt32LittleEndian(info[UnackedOffset..]), BinaryPrimitives.ReadUInt32LittleEndian(info[SegmentOffset..]),
                BinaryPrimitives.ReadUInt32LittleEndian(info[UnsentOffset..]), BinaryPrimitives.ReadInt64LittleEndian(info[RateOffset..]),
                (info[LimitedOffset] & 1) == 1);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return default;
        }
    }
}
