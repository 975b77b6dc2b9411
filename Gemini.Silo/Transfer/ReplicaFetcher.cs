using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Transfer;

/// <summary>Fetches copies from other hosts' memory into this host's memory.</summary>
internal sealed partial class ReplicaFetcher(HostMemory memory, DataConnector connector, ILogger<ReplicaFetcher> logger) : ICopySource
{
    private static readonly TimeSpan SlotPoll = TimeSpan.FromMilliseconds(10);

    private readonly ILogger<ReplicaFetcher> _logger = logger;

    /// <summary>
    /// Fetches one copy, verifies each chunk and the whole, and seals it here. Idempotent: if this host holds the copy with that hash already, the
    /// call completes at once. If wrong bytes arrive, this host asks the source to check its own copy. The source quarantines a bad copy. If its copy
    /// is sound, the bytes changed on the way, and the copy is fetched once more. Every wait is bounded by <see cref="TransferOptions"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/>.</exception>
    public async Task<FetchOutcome> FetchAsync(
        string endpoint, Rank owner, SnapshotId snapshot, ContentHash expected, Epoch epoch, CancellationToken cancellationToken)
    {
        var wanted = new Wanted(owner, snapshot, expected, epoch);
        var outcome = await FetchOnceAsync(endpoint, wanted, cancellationToken);
        if (outcome.Result != FetchResult.Corrupt) return outcome;
        var isSound = await CheckSourceAsync(endpoint, wanted, outcome.Bytes, cancellationToken);
        LogSourceChecked(owner, snapshot, endpoint, isSound ? "sound, so the bytes changed on the way: fetching once more" : "no longer available");
        return isSound ? await FetchOnceAsync(endpoint, wanted, cancellationToken) : outcome;
    }

    private async Task<FetchOutcome> FetchOnceAsync(string endpoint, Wanted wanted, CancellationToken cancellationToken)
    {
        var start = connector.Time.GetTimestamp();
        var (result, bytes, reason) = await FetchFromAsync(endpoint, wanted, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var elapsed = connector.Time.GetElapsedTime(start);
        if (result == FetchResult.Completed) connector.Counters.Fetches.Add(bytes, elapsed);
        LogFetchEnded(wanted.Owner, wanted.Snapshot, endpoint, result, bytes, elapsed.TotalMilliseconds, reason);
        return new FetchOutcome(result, bytes, elapsed, reason);
    }

    private async Task<(FetchResult Result, long Bytes, string Reason)> FetchFromAsync(
        string endpoint, Wanted wanted, CancellationToken cancellationToken)
    {
        // A copy here with another hash was outvoted by the holders. No plan uses it, and it is in the way of the right one.
        memory.QuarantineUnless(wanted.Owner, wanted.Snapshot, wanted.Hash);
        using (var here = memory.TryRead(wanted.Owner, wanted.Snapshot))
        {
            if (here is not null && here.Hash == wanted.Hash) return (FetchResult.Completed, 0, "");
        }

        return await AskAsync(
            endpoint, connection => TransferAsync(connection, wanted, cancellationToken), (result, reason) => (result, 0, reason), cancellationToken);
    }

    /// <summary>
    /// One conversation on a new connection. Every failure is returned as text, so that the caller asks the next source. The caller checks the token
    /// afterwards.
    /// </summary>
    private async Task<T> AskAsync<T>(
        string endpoint, Func<DataConnection, Task<T>> talk, Func<FetchResult, string, T> fail, CancellationToken cancellationToken)
    {
        var (connection, problem) = await connector.ConnectAsync(endpoint, cancellationToken);
        if (connection is null) return fail(FetchResult.SourceFailed, problem);
        using (connection)
        {
            using var abort = cancellationToken.UnsafeRegister(static state => ((DataConnection)state!).Abort(), connection);
            try
            {
                return await talk(connection);
            }
            catch (Exception error)
            {
                if (!DataConnection.IsConnectionFailure(error)) LogFetchFailed(error, endpoint);
                return fail(error is OperationCanceledException ? FetchResult.TimedOut : FetchResult.SourceFailed, DataConnection.Describe(error));
            }
        }
    }

    private async Task<(FetchResult Result, long Bytes, string Reason)> TransferAsync(
        DataConnection connection, Wanted wanted, CancellationToken cancellationToken)
    {
        if (await RequestAsync(connection, DataRequestKind.Fetch, wanted) is not { } reply)
            return (FetchResult.SourceFailed, 0, "the source's answer is not a valid reply");
        if (reply.Kind == DataReplyKind.Refuse)
            return (reply.Reason == DataRefusal.StaleEpoch ? FetchResult.EpochOver : FetchResult.SourceRefused, 0, $"the source refused: {reply.Reason}");
        if (reply.Kind != DataReplyKind.Content) return (FetchResult.SourceFailed, 0, $"the source answered {reply.Kind}");
        if (reply.Hash != wanted.Hash) return (FetchResult.Corrupt, reply.PayloadBytes, $"the source's copy has hash {reply.Hash}, expected is {wanted.Hash}");

        var attempt = await BeginAsync(wanted, reply, cancellationToken);
        if (attempt.Lease is not { } lease) return Refused(attempt, wanted);
        using (lease)
        {
            var end = await ChunkStream.ReceiveAsync(connection, lease, wanted.Hash, connector.Options.ChunkTimeout, connector.Counters);
            return end switch
            {
                ReceiveEnd.Sealed => (FetchResult.Completed, reply.PayloadBytes, ""),
                ReceiveEnd.SourceGone => (FetchResult.SourceRefused, 0, "the source lost the copy during the transfer"),
                ReceiveEnd.HashMismatch => (
                    FetchResult.Corrupt, reply.PayloadBytes, $"chunk {lease.NextChunk} of {lease.ChunkCount} or the whole does not have its hash"),
                ReceiveEnd.Stale => (FetchResult.EpochOver, 0, "a newer epoch or transfer took its place"),
                _ => (FetchResult.SourceFailed, 0, "the source sent an invalid frame"),
            };
        }
    }

    private async Task<DataReply?> RequestAsync(DataConnection connection, DataRequestKind kind, Wanted wanted, int chunk = 0, TimeSpan? limit = null)
    {
        connection.Arm(limit ?? connector.Options.ChunkTimeout);
        new DataRequest(kind, wanted.Owner, wanted.Epoch, wanted.Snapshot, Iteration.Zero, 0, 0, chunk).Write(connection.SendFrame);
        await connection.SendFrameAsync(DataRequest.SizeBytes);
        await connection.ReceiveFrameAsync(DataReply.SizeBytes);
        return DataReply.TryRead(connection.ReceivedFrame, out var reply) ? reply : null;
    }

    private async Task<ReceiveAttempt> BeginAsync(Wanted wanted, DataReply reply, CancellationToken cancellationToken)
    {
        var request = new ReceiveRequest(
            wanted.Owner, wanted.Snapshot, wanted.Epoch, wanted.Snapshot.Iteration, reply.PayloadBytes, reply.ChunkBytes, ReceiveOrigin.Fetch);
        var start = connector.Time.GetTimestamp();
        while (true)
        {
            var attempt = memory.TryBeginReceive(request);
            if (attempt.Refusal != ReceiveRefusal.Busy || connector.Time.GetElapsedTime(start) >= connector.Options.SlotWait) return attempt;
            await Task.Delay(SlotPoll, connector.Time, cancellationToken);
        }
    }

    private static (FetchResult Result, long Bytes, string Reason) Refused(ReceiveAttempt attempt, Wanted wanted) => attempt.Refusal switch
    {
        ReceiveRefusal.AlreadyHeld when attempt.Hash == wanted.Hash => (FetchResult.Completed, 0, ""),
        ReceiveRefusal.StaleEpoch => (FetchResult.EpochOver, 0, "the epoch is over"),
        _ => (FetchResult.LocalRefused, 0, $"this host's memory refused: {attempt.Refusal}"),
    };

    [LoggerMessage(EventIds.FetchEnded, LogLevel.Information,
        "Fetch of shard {Owner}, snapshot {Snapshot}, from {Endpoint}: {Result}, {Bytes} bytes in {ElapsedMilliseconds:F1} ms. {Reason}")]
    private partial void LogFetchEnded(
        Rank owner, SnapshotId snapshot, string endpoint, FetchResult result, long bytes, double elapsedMilliseconds, string reason);

    [LoggerMessage(EventIds.FetchFailed, LogLevel.Error, "A fetch from {Endpoint} failed unexpectedly. The next source is asked.")]
    private partial void LogFetchFailed(Exception error, string endpoint);

    [LoggerMessage(EventIds.SourceChecked, LogLevel.Warning,
        "Shard {Owner} of snapshot {Snapshot} arrived with wrong bytes from {Endpoint}. The copy there is {Verdict}.")]
    private partial void LogSourceChecked(Rank owner, SnapshotId snapshot, string endpoint, string verdict);

    private readonly record struct Wanted(Rank Owner, SnapshotId Snapshot, ContentHash Hash, Epoch Epoch);
}
