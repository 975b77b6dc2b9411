using System.Runtime.InteropServices;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>The frame before the data of a collective. With it, two ranks notice if they are in different collectives.</summary>
/// <param name="Kind">Which collective.</param>
/// <param name="Sequence">How many collectives this ring has done before.</param>
/// <param name="SegmentSizeBytes">Bytes of one rank's segment.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RingFrame(RingFrame.Kinds Kind, uint Sequence, long SegmentSizeBytes)
{
    public const int SizeBytes = 16;

    /// <summary>The last frame of a rank that leaves after a barrier. The end of its connection then does not count as a loss.</summary>
    public static readonly RingFrame Goodbye = new(Kinds.Goodbye, uint.MaxValue, long.MinValue);

    public enum Kinds : uint
    {
        AllGather = 0x52474147,
        ReduceScatter = 0x53524147,
        Goodbye = 0x42594247,
    }
}
