namespace Gemini.Interfaces.SharedMemory;

/// <summary>The layout of a segment file. All integers are little endian. <c>SEGMENT.md</c> describes every field.</summary>
/// <remarks>
/// <code>
/// 0                4096                         payload offset (multiple of 4096)
/// | header (4 KiB) | chunk table: u64 per chunk | payload: a .safetensors file    |
/// </code>
/// </remarks>
public static class SegmentLayout
{
    /// <summary>"GEMINISG", read as a little-endian integer.</summary>
    public const ulong Magic = 0x4753_494E_494D_4547;

    /// <summary>Grows with every incompatible change. A silo does not adopt segments of another version.</summary>
    public const int Version = 2;

    public const int HeaderBytes = 4096;
    public const int PageBytes = 4096;

    /// <summary>
    /// Payload bytes under one hash: 1 MiB. Small enough to be hashed while it is in a core's cache. Large enough that the fixed costs of a chunk
    /// (one frame header, one socket call) stay below 1 %.
    /// </summary>
    public const int DefaultChunkBytes = 1 << 20;

    /// <summary>Longest job name in UTF-8 bytes.</summary>
    public const int MaxJobNameBytes = 63;

    internal const int MagicOffset = 0;
    internal const int VersionOffset = 8;
    internal const int StateOffset = 12;
    internal const int OwnerOffset = 16;
    internal const int ChunkBytesOffset = 20;
    internal const int EpochOffset = 24;
    internal const int IterationOffset = 32;
    internal const int PayloadBytesOffset = 40;
    internal const int CapturedBytesOffset = 48;
    internal const int HashOffset = 56;
    internal const int JobNameOffset = 64;
    internal const int RunOffset = 128;
    internal const int WorldSizeOffset = 144;
    internal const int CheckOffset = 152;

    /// <summary>The part of the header that has fields. The rest is zero and is never read.</summary>
    internal const int FieldBytes = 160;

    internal const int RunBytes = 16;

    /// <summary>Whether a segment can have these sizes: its chunks can be counted by an <c>int</c>.</summary>
    internal static bool IsPossible(long payloadBytes, int chunkBytes) =>
        payloadBytes > 0 && chunkBytes > 0 && (payloadBytes - 1) / chunkBytes < int.MaxValue;

    public static int ChunkCount(long payloadBytes, int chunkBytes) => checked((int)((payloadBytes + chunkBytes - 1) / chunkBytes));

    public static long PayloadOffset(long payloadBytes, int chunkBytes) =>
        HeaderBytes + RoundUpToPage(ChunkCount(payloadBytes, chunkBytes) * (long)sizeof(ulong));

    /// <summary>Size of the whole file: header, chunk table and payload, in whole pages.</summary>
    public static long FileBytes(long payloadBytes, int chunkBytes) =>
        PayloadOffset(payloadBytes, chunkBytes) + RoundUpToPage(payloadBytes);

    private static long RoundUpToPage(long bytes) => (bytes + PageBytes - 1) / PageBytes * PageBytes;
}
