using System.Buffers.Binary;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Wire;

/// <summary>The accepting side's answer to a request or to a seal frame.</summary>
/// <remarks><code>
/// 0  u32 kind   4  u32 reason   8  u64 hash   16  i64 payload bytes   24  i32 chunk bytes   28  u32 zero
/// </code></remarks>
/// <param name="Kind">The kind of answer.</param>
/// <param name="Reason">Refuse: why.</param>
/// <param name="Hash">Have, Sealed and Content: hash of the shard.</param>
/// <param name="PayloadBytes">Content: size of the shard's payload.</param>
/// <param name="ChunkBytes">Content: size of every chunk but the last.</param>
public readonly record struct DataReply(
    DataReplyKind Kind, DataRefusal Reason = DataRefusal.None, ContentHash Hash = default, long PayloadBytes = 0, int ChunkBytes = 0)
{
    public const int SizeBytes = 32;

    public static DataReply Refuse(DataRefusal reason) => new(DataReplyKind.Refuse, reason);

    public void Write(Span<byte> target)
    {
        target[..SizeBytes].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(target, (int)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], (int)Reason);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Hash.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], ChunkBytes);
    }

    /// <summary>False if the bytes are not a valid reply: unknown kind or reason, negative sizes, or a reserved field that is not zero.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out DataReply reply)
    {
        reply = new DataReply(
            (DataReplyKind)BinaryPrimitives.ReadInt32LittleEndian(frame),
            (DataRefusal)BinaryPrimitives.ReadInt32LittleEndian(frame[4..]),
            new ContentHash(BinaryPrimitives.ReadUInt64LittleEndian(frame[8..])),
            BinaryPrimitives.ReadInt64LittleEndian(frame[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(frame[24..]));
        return reply.Kind is >= DataReplyKind.Accept and <= DataReplyKind.Content
            && reply.Reason is >= DataRefusal.None and <= DataRefusal.Superseded
            && reply.PayloadBytes >= 0 && reply.ChunkBytes >= 0
            && BinaryPrimitives.ReadUInt32LittleEndian(frame[28..]) == 0;
    }
}
