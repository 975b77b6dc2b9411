using System.Runtime.CompilerServices;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>The chunks of one transfer, the same in both directions: a replicate and a fetch differ only in who asks.</summary>
internal static class ChunkStream
{
    /// <summary>Sends one chunk, frame and bytes, directly from the mapping.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask SendChunkAsync(DataConnection connection, SegmentLease lease, int index)
    {
        await connection.SendAsync(await BeginChunkAsync(connection, lease, index));
    }

    /// <summary>Sends the frame of a chunk. Returns the bytes that must follow, in the mapping.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ReadOnlyMemory<byte>> BeginChunkAsync(DataConnection connection, SegmentLease lease, int index)
    {
        var bytes = lease.Chunk(index);
        new ChunkFrame(ChunkFrameKind.Chunk, index, bytes.Length, lease.ChunkHash(index)).Write(connection.SendFrame);
        await connection.SendFrameAsync(ChunkFrame.SizeBytes);
        return bytes;
    }

    /// <summary>Sends a frame without a chunk: a seal, an abort or a wait.</summary>
    public static ValueTask SendEndAsync(DataConnection connection, in ChunkFrame frame)
    {
        frame.Write(connection.SendFrame);
        return connection.SendFrameAsync(ChunkFrame.SizeBytes);
    }

    /// <summary>
    /// Receives chunks into the lease's slot until the transfer ends. Trusts no frame: a chunk is read only if its index is the next one and its
    /// length fits the slot.
    /// </summary>
    /// <param name="connection">The connection. Its failures are thrown.</param>
    /// <param name="lease">The slot that gets the bytes. The caller keeps the lease.</param>
    /// <param name="expected">The hash that the shard must have; null: the hash in the seal frame.</param>
    /// <param name="chunkTimeout">Longest time for one chunk.</param>
    /// <param name="counters">Counts.</param>
    public static async Task<ReceiveEnd> ReceiveAsync(
        DataConnection connection, ReceiveLease lease, ContentHash? expected, TimeSpan chunkTimeout, TransferCounters counters)
    {
        using var abort = lease.Revoked.UnsafeRegister(static state => ((DataConnection)state!).Abort(), connection);
        try
        {
            while (true)
            {
                connection.Arm(chunkTimeout);
                await connection.ReceiveFrameAsync(ChunkFrame.SizeBytes);
                if (!ChunkFrame.TryRead(connection.ReceivedFrame, out var frame)) return Count(ReceiveEnd.Malformed, counters);
                if (frame.Kind == ChunkFrameKind.Abort) return ReceiveEnd.SourceGone;
                if (frame.Kind == ChunkFrameKind.Wait && frame.LengthBytes == 0 && frame.Index == lease.NextChunk) continue;
                if (frame.Kind == ChunkFrameKind.Seal) return Count(Seal(lease, frame, expected), counters);
                if (!IsNext(lease, frame)) return Count(ReceiveEnd.Malformed, counters);
                if (lease.IsFetchAt(lease.ChunkCount / 2)) await Moments.ReachAsync(Moment.Fetch, lease.Request.Epoch.Value);
                var hash = await connection.ReceiveHashedAsync(lease.Chunk(frame.Index));
                var outcome = lease.CompleteChunk(frame.Index, hash, frame.Hash);
                if (outcome == ChunkOutcome.Stale) return ReceiveEnd.Stale;
                if (outcome == ChunkOutcome.HashMismatch) return Count(ReceiveEnd.HashMismatch, counters);
                counters.ChunkReceived(frame.LengthBytes);
            }
        }
        catch (OperationCanceledException) when (lease.Revoked.IsCancellationRequested)
        {
            return ReceiveEnd.Stale;
        }
    }

    private static bool IsNext(ReceiveLease lease, in ChunkFrame frame) =>
        frame.Kind == ChunkFrameKind.Chunk && frame.Index == lease.NextChunk && frame.Index < lease.ChunkCount
        && frame.LengthBytes == lease.Chunk(frame.Index).Length;

    private static ReceiveEnd Seal(ReceiveLease lease, in ChunkFrame frame, ContentHash? expected)
    {
        if (frame.Index != lease.ChunkCount || frame.LengthBytes != 0) return ReceiveEnd.Malformed;
        return lease.Seal(expected ?? new ContentHash(frame.Hash)) switch
        {
            SealOutcome.Sealed => ReceiveEnd.Sealed,
            SealOutcome.Stale => ReceiveEnd.Stale,
            SealOutcome.HashMismatch => ReceiveEnd.HashMismatch,
            _ => ReceiveEnd.Malformed,
        };
    }

    private static ReceiveEnd Count(ReceiveEnd end, TransferCounters counters)
    {
        if (end == ReceiveEnd.Sealed) counters.ReplicaSealed();
        if (end == ReceiveEnd.HashMismatch) counters.HashMismatch();
        if (end == ReceiveEnd.Malformed) counters.MalformedFrame();
        return end;
    }
}
