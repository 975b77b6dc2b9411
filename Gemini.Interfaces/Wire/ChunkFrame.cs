using System.Buffers.Binary;

namespace Gemini.Interfaces.Wire;

/// <summary>A frame of a running transfer, in either direction. After a chunk frame, the chunk's payload bytes follow.</summary>
/// <remarks><code>
/// 0  u32 kind   4  i32 index   8  i32 length   12  u32 zero   16  u64 hash
/// </code></remarks>
/// <param name="Kind">Chunk, seal, abort or wait.</param>
/// <param name="Index">
/// Chunk: its index, from 0, each one more than the index before; in the answer to a chunk request, the requested index. Seal: the number of chunks.
/// Wait: the index of the next chunk.
/// </param>
/// <param name="LengthBytes">Chunk: how many payload bytes follow, exactly as the sizes of the transfer require. Otherwise zero.</param>
/// <param name="Hash">Chunk: XxHash3-64 of those bytes. Seal: hash of the shard.</param>
public readonly record struct ChunkFrame(ChunkFrameKind Kind, int Index = 0, int LengthBytes = 0, ulong Hash = 0)
{
    public const int SizeBytes = 24;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, (int)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], Index);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], LengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Hash);
    }

    /// <summary>False if the bytes are not a valid frame: unknown kind, negative numbers, or a reserved field that is not zero.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ChunkFrame frame)
    {
        frame = new ChunkFrame(
            (ChunkFrameKind)BinaryPrimitives.ReadInt32LittleEndian(source),
            BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]));
        return frame.Kind is >= ChunkFrameKind.Chunk and <= ChunkFrameKind.Wait
            && frame.Index >= 0 && frame.LengthBytes >= 0
            && BinaryPrimitives.ReadUInt32LittleEndian(source[12..]) == 0;
    }
}
