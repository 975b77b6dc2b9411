using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Lab.Demo;

/// <summary>How much host memory a job takes, computed before it starts.</summary>
/// <param name="Segments">N shards × m replicas × 2 slots. With storage, one more per shard, from which the shard is written.</param>
/// <param name="SegmentBytes">Size of one segment's file.</param>
internal sealed record MemoryNeed(long Segments, long SegmentBytes)
{
    /// <summary>fp32 parameter and two Adam moments.</summary>
    private const int BytesPerParameter = 12;

    /// <summary>The safetensors header, RNG and data position. They were measured at a few KiB; this is generous.</summary>
    private const int PayloadSlackBytes = 64 * 1024;

    public long TotalBytes => checked(Segments * SegmentBytes);

    public static MemoryNeed Of(long parameterCount, int ranks, int replicas, bool isPersisted = false)
    {
        var shardParameters = (parameterCount + ranks - 1) / ranks;
        var payloadBytes = (shardParameters * BytesPerParameter) + PayloadSlackBytes;
        return new MemoryNeed(
            (long)ranks * ((replicas * HostPaths.SlotCount) + (isPersisted ? 1 : 0)),
            SegmentLayout.FileBytes(payloadBytes, SegmentLayout.DefaultChunkBytes));
    }
}
