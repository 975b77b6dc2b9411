using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Persistence;

/// <summary>Loads shards from storage into this host's own slots, and verifies them.</summary>
internal sealed partial class StorageLoader(
    ISnapshotStore store, StoreLister lister, HostMemory memory, PersistenceOptions options, TimeProvider time, ILogger<StorageLoader> logger)
{
    private static readonly TimeSpan SlotPoll = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// How many reads may hang at the same time. Each takes a thread and a buffer of one chunk. If so many hang, the store is not read any more.
    /// </summary>
    private const int HangingReadsMax = 16;

    private int _hanging;

    /// <summary>
    /// Loads the shard: when the task completes successfully, the shard is sealed in own memory. If the stored snapshot is missing, corrupt or
    /// another job's, this host refuses it from then on. If only the storage fails, the outcome is <see cref="StoreResult.Unavailable"/> and the
    /// caller may try again.
    /// </summary>
    /// <exception cref="OperationCanceledException">A newer epoch has begun.</exception>
    public async Task<StoreOutcome> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var outcome = await ReadAsync(shard, snapshot, epoch, ct);
        if (outcome.IsCompleted)
        {
            LogLoaded(shard.Owner, snapshot, store.Location, shard.PayloadBytes, time.GetElapsedTime(start).TotalMilliseconds);
            return outcome;
        }

        LogLoadFailed(shard.Owner, snapshot, store.Location, outcome.Result, outcome.Reason);
        if (outcome.Result is StoreResult.Corrupt or StoreResult.Missing or StoreResult.Foreign) lister.Refuse(snapshot, outcome.Reason);
        return outcome;
    }

    private async Task<StoreOutcome> ReadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct)
    {
        if (lister.Find(snapshot, shard.Owner) is not { } stored || stored.Hash != shard.Hash || stored.PayloadBytes != shard.PayloadBytes)
            return new StoreOutcome(StoreResult.Missing, $"{store.Location} no longer has snapshot {snapshot} as it was planned");
        if (memory.Verify(shard.Owner, snapshot, stored.Hash, out _)) return StoreOutcome.Completed;
        memory.Quarantine(shard.Owner, snapshot, "its bytes do not match their hashes");
        var attempt = await BeginAsync(stored, snapshot, epoch, ct);
        if (attempt.Lease is not { } lease) return Explain(attempt.Refusal, stored);
        using (lease)
        {
            var outcome = await ReadIntoAsync(lease, snapshot, stored, ct);
            if (!outcome.IsCompleted) return outcome;
            return lease.Seal(stored.Hash) switch
            {
                SealOutcome.Sealed => StoreOutcome.Completed,
                SealOutcome.Stale => new StoreOutcome(StoreResult.Overtaken, "a newer epoch took its place"),
                _ => new StoreOutcome(
                    StoreResult.Corrupt, $"the bytes of {StoreLayout.ShardName(shard.Owner)} in {store.Location}/{snapshot} do not match their hash"),
            };
        }
    }

    /// <summary>
    /// Reads into the lease. A read is abandoned if a newer epoch begins, or if it makes no progress for <see cref="PersistenceOptions.StallLimit"/>.
    /// Nothing can end a call into a file system that does not answer, but from then on the call cannot write into host memory.
    /// </summary>
    private async Task<StoreOutcome> ReadIntoAsync(ReceiveLease lease, SnapshotId snapshot, StoredShard stored, CancellationToken ct)
    {
        if (Volatile.Read(ref _hanging) >= HangingReadsMax)
            return new StoreOutcome(StoreResult.Unavailable, $"{HangingReadsMax} earlier reads of {store.Location} still hang");
        var target = new AbandonableTarget(lease, stored, time);
        var reading = store.ReadShardAsync(snapshot, stored, target, ct);
        try
        {
            while (!reading.IsCompleted)
            {
                var left = options.StallLimit - target.StalledFor;
                if (left <= TimeSpan.Zero)
                    return new StoreOutcome(StoreResult.Unavailable, $"{store.Location} has not answered a read for {options.StallLimit.TotalSeconds:0} s");
                await ((Task)reading).WaitAsync(left, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ct.ThrowIfCancellationRequested();
            }

            return await reading;
        }
        finally
        {
            target.Abandon();
            if (!reading.IsCompleted) CountUntilItEnds(reading);
        }
    }

    private void CountUntilItEnds(Task reading)
    {
        Interlocked.Increment(ref _hanging);
        _ = EndAsync();

        async Task EndAsync()
        {
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.Decrement(ref _hanging);
        }
    }

    private async Task<ReceiveAttempt> BeginAsync(StoredShard stored, SnapshotId snapshot, Epoch epoch, CancellationToken ct)
    {
        var request = new ReceiveRequest(
            stored.Owner, snapshot, epoch, snapshot.Iteration, stored.PayloadBytes, stored.ChunkBytes, ReceiveOrigin.Fetch);
        var start = time.GetTimestamp();
        while (true)
        {
            var attempt = memory.TryBeginReceive(request);
            if (attempt.Refusal != ReceiveRefusal.Busy || time.GetElapsedTime(start) >= options.SlotWait) return attempt;
            await Task.Delay(SlotPoll, time, ct);
        }
    }

    private static StoreOutcome Explain(ReceiveRefusal refusal, StoredShard stored) => refusal switch
    {
        ReceiveRefusal.StaleEpoch => new StoreOutcome(StoreResult.Overtaken, "the epoch is over"),
        ReceiveRefusal.SizeMismatch => new StoreOutcome(
            StoreResult.Foreign, $"it has {stored.PayloadBytes} bytes in chunks of {stored.ChunkBytes}, but this host's slots have other sizes"),
        _ => new StoreOutcome(StoreResult.Unavailable, $"this host's memory refused: {refusal}"),
    };

    [LoggerMessage(EventIds.StorageLoaded, LogLevel.Information,
        "Loaded shard {Owner} of snapshot {Snapshot} from {Location}: {Bytes} bytes in {Milliseconds:0} ms")]
    private partial void LogLoaded(Rank owner, SnapshotId snapshot, string location, long bytes, double milliseconds);

    [LoggerMessage(EventIds.LoadFailed, LogLevel.Error, "Shard {Owner} of snapshot {Snapshot} cannot be loaded from {Location}: {Result}: {Reason}")]
    private partial void LogLoadFailed(Rank owner, SnapshotId snapshot, string location, StoreResult result, string reason);
}
