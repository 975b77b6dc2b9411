using System.Buffers;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>The accepting side of one connection: first the handshake, then one request after the other until the peer closes the connection.</summary>
/// <remarks>
/// After a refused request the connection stays open. After a transfer that failed half-way, the session sends a frame that says why, and ends the
/// connection: the peer may have sent more bytes meanwhile, and they cannot be told from a request.
/// </remarks>
internal sealed partial class DataPortSession(
    DataConnection connection, HostMemory memory, DataHandshake handshake, TransferOptions options, TransferCounters counters,
    ProbeTurn turn, ILogger logger)
{
    private const int ProbeReadBytes = 256 * 1024;

    private readonly ILogger _logger = logger;
    private IDisposable? _turn;

    /// <summary>The handshake. Null if the peer has proved itself and was admitted; otherwise why it is refused.</summary>
    public async Task<string?> ProveAsync(Func<bool> tryAdmit)
    {
        try
        {
            return await handshake.AcceptAsync(connection, tryAdmit);
        }
        catch (Exception error) when (DataConnection.IsConnectionFailure(error))
        {
            return DataConnection.Describe(error);
        }
    }

    /// <summary>Serves a peer that has proved itself, until the connection ends. Throws only for errors in this program.</summary>
    public async Task ServeAsync()
    {
        try
        {
            while (await ServeRequestAsync())
            {
            }
        }
        catch (Exception error) when (DataConnection.IsConnectionFailure(error))
        {
            LogSessionEnded(connection.Remote, DataConnection.Describe(error));
        }
        finally
        {
            _turn?.Dispose();
        }
    }

    private static DataRefusal Map(ReceiveRefusal refusal) => refusal switch
    {
        ReceiveRefusal.StaleEpoch => DataRefusal.StaleEpoch,
        ReceiveRefusal.UnknownShard => DataRefusal.UnknownShard,
        ReceiveRefusal.OwnShard => DataRefusal.OwnShard,
        ReceiveRefusal.SizeMismatch => DataRefusal.SizeMismatch,
        _ => DataRefusal.Busy,
    };

    private async Task<bool> ServeRequestAsync()
    {
        connection.Arm(options.IdleConnectionTimeout);
        await connection.ReceiveFrameAsync(DataRequest.SizeBytes);
        connection.Arm(options.ChunkTimeout);
        if (DataRequest.TryRead(connection.ReceivedFrame, out var request) && request.Epoch.IsPossible && request.Snapshot.Epoch.IsPossible)
        {
            // A probe behaves as training does. If its acknowledgements were marked, they would wait behind background traffic.
            if (request.Kind != DataRequestKind.Probe) connection.Mark();
            return request.Kind switch
            {
                DataRequestKind.Fetch => await ServeFetchAsync(request),
                DataRequestKind.Chunk => await ServeChunkAsync(request),
                DataRequestKind.Check => await ServeCheckAsync(request),
                DataRequestKind.Probe => await ServeProbeAsync(request),
                _ => await ServeReplicateAsync(request),
            };
        }

        counters.MalformedFrame();
        return await EndAsync(default, DataRefusal.Malformed);
    }

    private async Task<bool> ServeReplicateAsync(DataRequest request)
    {
        var attempt = memory.TryBeginReceive(
            new ReceiveRequest(request.Owner, request.Snapshot, request.Epoch, request.Keep, request.PayloadBytes, request.ChunkBytes));
        if (attempt.Lease is not { } lease)
        {
            await ReplyAsync(attempt.Refusal == ReceiveRefusal.AlreadyHeld
                ? new DataReply(DataReplyKind.Have, Hash: attempt.Hash)
                : DataReply.Refuse(Map(attempt.Refusal)));
            return true;
        }

        ReceiveEnd end;
        using (lease)
        {
            await ReplyAsync(new DataReply(DataReplyKind.Accept));
            end = await ChunkStream.ReceiveAsync(connection, lease, null, options.ChunkTimeout, counters);
        }

        return end switch
        {
            ReceiveEnd.Sealed => await ReplySealedAsync(request),
            ReceiveEnd.SourceGone => true,
            ReceiveEnd.Stale => await EndAsync(request, request.Epoch < memory.EpochFloor ? DataRefusal.StaleEpoch : DataRefusal.Superseded),
            ReceiveEnd.HashMismatch => await EndAsync(request, DataRefusal.HashMismatch),
            _ => await EndAsync(request, DataRefusal.Malformed),
        };
    }

    private async Task<bool> ReplySealedAsync(DataRequest request)
    {
        using var copy = memory.TryRead(request.Owner, request.Snapshot);
        if (copy is null) return await EndAsync(request, DataRefusal.Superseded);
        await ReplyAsync(new DataReply(DataReplyKind.Sealed, Hash: copy.Hash));
        return true;
    }

    /// <summary>A lease of the requested copy; null after a refusal was sent.</summary>
    private async ValueTask<SegmentLease?> FindAsync(DataRequest request)
    {
        var lease = request.Epoch < memory.EpochFloor ? null : memory.TryRead(request.Owner, request.Snapshot);
        if (lease is null) await ReplyAsync(DataReply.Refuse(request.Epoch < memory.EpochFloor ? DataRefusal.StaleEpoch : DataRefusal.NotHeld));
        return lease;
    }

    private async Task<bool> ServeChunkAsync(DataRequest request)
    {
        using var lease = await FindAsync(request);
        if (lease is null) return true;
        if (request.Chunk >= lease.ChunkCount)
        {
            await ReplyAsync(DataReply.Refuse(DataRefusal.SizeMismatch));
            return true;
        }

        await ReplyAsync(new DataReply(DataReplyKind.Content, DataRefusal.None, lease.Hash, lease.PayloadBytes, lease.ChunkBytes));
        await ChunkStream.SendChunkAsync(connection, lease, request.Chunk);
        counters.ChunkSent(lease.Chunk(request.Chunk).Length);
        return true;
    }

    /// <summary>
    /// A peer received bytes that do not match their hashes. They were changed either in this memory or on the way. Only the host that has the copy
    /// can find out which, so this host checks its copy.
    /// </summary>
    private async Task<bool> ServeCheckAsync(DataRequest request)
    {
        using var lease = await FindAsync(request);
        if (lease is null) return true;
        var hash = lease.Hash;
        connection.Arm(options.CheckDeadline(lease.PayloadBytes, counters.Fetches));
        var isSound = await Task.Run(() => lease.Verify(hash, out _));
        if (!isSound && lease.StillHolds())
        {
            memory.Quarantine(
                request.Owner, request.Snapshot, $"{connection.Remote} received wrong bytes, and this host's check confirms that its copy is bad");
        }

        await ReplyAsync(isSound ? new DataReply(DataReplyKind.Have, Hash: hash) : DataReply.Refuse(DataRefusal.NotHeld));
        return true;
    }

    private async Task<bool> ServeProbeAsync(DataRequest request)
    {
        if (request.PayloadBytes == 0) await TakeTurnAsync();
        var dropped = ArrayPool<byte>.Shared.Rent(ProbeReadBytes);
        try
        {
            for (var rest = request.PayloadBytes; rest > 0; rest -= ProbeReadBytes)
            {
                connection.Arm(options.ChunkTimeout);
                await connection.ReceiveAsync(dropped.AsMemory(0, (int)Math.Min(rest, ProbeReadBytes)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(dropped);
        }

        await ReplyAsync(new DataReply(DataReplyKind.Accept));
        return true;
    }

    /// <summary>The peer wants to measure. Its turn ends with this connection.</summary>
    private async Task TakeTurnAsync()
    {
        if (_turn is not null) return;
        connection.Arm(ProbeTurn.WaitLimit);
        _turn = await turn.TakeAsync(connection.Ended);
        connection.Arm(options.ChunkTimeout);
    }

    private async Task<bool> ServeFetchAsync(DataRequest request)
    {
        using var lease = await FindAsync(request);
        if (lease is null) return true;

        var hash = lease.Hash;
        await ReplyAsync(new DataReply(DataReplyKind.Content, DataRefusal.None, hash, lease.PayloadBytes, lease.ChunkBytes));
        for (var index = 0; index < lease.ChunkCount; index++)
        {
            connection.Arm(options.ChunkTimeout);
            if (!lease.StillHolds()) break;
            await ChunkStream.SendChunkAsync(connection, lease, index);
            counters.ChunkSent(lease.Chunk(index).Length);
        }

        await ChunkStream.SendEndAsync(connection, lease.StillHolds()
            ? new ChunkFrame(ChunkFrameKind.Seal, lease.ChunkCount, 0, hash.Value)
            : new ChunkFrame(ChunkFrameKind.Abort));
        return true;
    }

    private ValueTask ReplyAsync(in DataReply reply)
    {
        reply.Write(connection.SendFrame);
        return connection.SendFrameAsync(DataReply.SizeBytes);
    }

    private async Task<bool> EndAsync(DataRequest request, DataRefusal reason)
    {
        LogTransferRefused(connection.Remote, request.Owner, request.Snapshot, reason);
        DataReply.Refuse(reason).Write(connection.SendFrame);
        await connection.SendLastAsync(DataReply.SizeBytes);
        return false;
    }

    [LoggerMessage(EventIds.TransferRefused, LogLevel.Warning, "Ended a transfer from {Remote} of shard {Owner}, snapshot {Snapshot}: {Reason}.")]
    private partial void LogTransferRefused(System.Net.EndPoint? remote, Rank owner, SnapshotId snapshot, DataRefusal reason);

    [LoggerMessage(EventIds.SessionEnded, LogLevel.Debug, "The data connection from {Remote} ended: {Reason}.")]
    private partial void LogSessionEnded(System.Net.EndPoint? remote, string reason);
}
