using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

// Small requests about a copy: one chunk of it, and whether it is sound.
internal sealed partial class ReplicaFetcher
{
    /// <summary>
    /// Fetches one chunk of a copy that this host holds, and checks it against this copy's own chunk table. Null if the target has the chunk;
    /// otherwise why not.
    /// </summary>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task<string?> FetchChunkAsync(
        string endpoint, SegmentLease copy, int chunk, Memory<byte> target, Epoch epoch, CancellationToken cancellationToken)
    {
        var wanted = new Wanted(copy.Owner, copy.Snapshot, copy.Hash, epoch);
        var problem = await AskAsync(
            endpoint, connection => TransferChunkAsync(connection, wanted, copy.ChunkHash(chunk), chunk, target), (_, reason) => reason, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        LogChunkFetched(chunk, copy.Owner, copy.Snapshot, endpoint, problem ?? "");
        return problem;
    }

    private async Task<string?> TransferChunkAsync(DataConnection connection, Wanted wanted, ulong chunkHash, int chunk, Memory<byte> target)
    {
        if (await RequestAsync(connection, DataRequestKind.Chunk, wanted, chunk) is not { } reply) return "the source's answer is not a valid reply";
        if (reply.Kind != DataReplyKind.Content) return $"the source refused: {reply.Reason}";
        if (reply.Hash != wanted.Hash) return $"the source's copy has hash {reply.Hash}, expected is {wanted.Hash}";
        await connection.ReceiveFrameAsync(ChunkFrame.SizeBytes);
        if (!ChunkFrame.TryRead(connection.ReceivedFrame, out var frame)) return "the source sent an invalid frame";
        if (frame != new ChunkFrame(ChunkFrameKind.Chunk, chunk, target.Length, chunkHash)) return "the source sent another chunk";
        return await connection.ReceiveHashedAsync(target) == chunkHash ? null : "the source's chunk is bad, too";
    }

    /// <summary>Asks the source to hash its own copy. True if the source confirms that its copy is sound and has the wanted hash.</summary>
    private async Task<bool> CheckSourceAsync(string endpoint, Wanted wanted, long bytes, CancellationToken cancellationToken)
    {
        var limit = connector.Options.CheckDeadline(bytes, connector.Counters.Fetches);
        var isSound = await AskAsync(
            endpoint,
            async connection =>
                await RequestAsync(connection, DataRequestKind.Check, wanted, limit: limit) is { Kind: DataReplyKind.Have } reply && reply.Hash == wanted.Hash,
            (_, _) => false,
            cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return isSound;
    }

    [LoggerMessage(EventIds.ChunkFetched, LogLevel.Information,
        "Fetch of chunk {Chunk} of shard {Owner}, snapshot {Snapshot}, from {Endpoint}. {Problem}")]
    private partial void LogChunkFetched(int chunk, Rank owner, SnapshotId snapshot, string endpoint, string problem);
}
