using System.Runtime.InteropServices;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>What precedes a collective's data on the connection, so that ranks which fell out of step notice.</summary>
/// <param name="Kind">Which collective.</param>
/// <param name="Sequence">How many collectives this ring has done before.</param>
/// <param name="SegmentSizeBytes">Bytes of one rank's segment.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RingFrame(RingFrame.Kinds Kind, uint Sequence, long SegmentSizeBytes)
{
    public const int SizeBytes = 16;

    /// <summary>The last frame of a rank that leaves after a barrier: its closing connection is no loss.</summary>
    public static readonly RingFrame Goodbye = new(Kinds.Goodbye, uint.MaxValue, long.MinValue);

    public enum Kinds : uint
    {
        AllGather = 0x52474147,
        ReduceScatter = 0x53524147,
        Goodbye = 0x42594247,
    }
}
