using System.Buffers.Binary;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Wire;

/// <summary>Starts a transfer on an authenticated connection.</summary>
/// <remarks><code>
///  0  u32 kind              4  i32 owner
///  8  i64 epoch            16  i64 snapshot iteration    24  i64 snapshot epoch
/// 32  i64 keep iteration   40  i64 payload bytes         48  i32 chunk bytes     52  i32 chunk
/// </code>
/// In fetch, chunk and check requests, keep, payload bytes and chunk bytes are zero. In all but chunk requests, the chunk is zero. In a probe, all
/// but the payload bytes is zero.
/// </remarks>
/// <param name="Kind">What the peer asks for.</param>
/// <param name="Owner">Whose shard.</param>
/// <param name="Epoch">The epoch that the asking host is in.</param>
/// <param name="Snapshot">Which snapshot.</param>
/// <param name="Keep">Replicate: the newest committed iteration that the sender knows. The receiver does not overwrite its copy of it.</param>
/// <param name="PayloadBytes">Replicate: size of the payload. Probe: how many bytes follow, at most <see cref="ProbeBytesMax"/>.</param>
/// <param name="ChunkBytes">Replicate: size of every chunk but the last.</param>
/// <param name="Chunk">Chunk: its index.</param>
public readonly record struct DataRequest(
    DataRequestKind Kind, Rank Owner, Epoch Epoch, SnapshotId Snapshot, Iteration Keep, long PayloadBytes, int ChunkBytes, int Chunk = 0)
{
    public const int SizeBytes = 56;

    /// <summary>How much a peer may send in one probe.</summary>
    public const long ProbeBytesMax = 64 << 20;

    /// <summary>A request that announces bytes which the receiver drops.</summary>
    public static DataRequest Probe(long bytes) => new(DataRequestKind.Probe, default, default, default, default, bytes, ChunkBytes: 0);

    public void Write(Span<byte> target)
    {
        target[..SizeBytes].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(target, (int)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], Owner.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Epoch.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], Snapshot.Iteration.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], Snapshot.Epoch.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], Keep.Value);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], PayloadBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[48..], ChunkBytes);
        BinaryPrimitives.WriteInt32LittleEndian(target[52..], Chunk);
    }

    /// <summary>
    /// False if the bytes are not a valid request: unknown kind, negative numbers, a chunk index in another kind of request, or a probe that is too
    /// large.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out DataRequest request)
    {
        request = new DataRequest(
            (DataRequestKind)BinaryPrimitives.ReadInt32LittleEndian(frame),
            new Rank(BinaryPrimitives.ReadInt32LittleEndian(frame[4..])),
            new Epoch(BinaryPrimitives.ReadInt64LittleEndian(frame[8..])),
            new SnapshotId(
                new Iteration(BinaryPrimitives.ReadInt64LittleEndian(frame[16..])),
                new Epoch(BinaryPrimitives.ReadInt64LittleEndian(frame[24..]))),
            new Iteration(BinaryPrimitives.ReadInt64LittleEndian(frame[32..])),
            BinaryPrimitives.ReadInt64LittleEndian(frame[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(frame[48..]),
            BinaryPrimitives.ReadInt32LittleEndian(frame[52..]));
        return request.Kind is >= DataRequestKind.Replicate and <= DataRequestKind.Probe
            && (request.Kind != DataRequestKind.Probe || request.PayloadBytes <= ProbeBytesMax)
            && request.Owner.Value >= 0 && request.Epoch.Value >= 0
            && request.Snapshot.Iteration.Value >= 0 && request.Snapshot.Epoch.Value >= 0 && request.Keep.Value >= 0
            && request.PayloadBytes >= 0 && request.ChunkBytes >= 0
            && (request.Kind == DataRequestKind.Chunk ? request.Chunk >= 0 : request.Chunk == 0);
    }
}
