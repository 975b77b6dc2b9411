using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;

namespace Gemini.Silo.Persistence;

/// <summary>
/// Copies this host's own shards of the snapshot that the root agent named to storage, in the background: <c>Waiting → Staged → Stored →
/// Completed</c>, or <c>Missed</c>.
/// </summary>
/// <remarks>
/// Level-triggered: the newest directive names the snapshot, the report says how far it is, and both may be lost or doubled. Training waits for
/// nothing here (only in a baseline job, <c>Save</c> waits for the copy): the copy out of host memory takes no lock that a trainer or a transfer
/// needs, and slow storage delays only this loop. A failed write is repeated from the same copy after growing pauses, until the root agent names
/// another snapshot.
/// </remarks>
internal sealed partial class Persister(
    JobSpec job, StoragePolicy policy, ISnapshotStore store, HostMemory memory, StagingArea staging, HostState state,
    PersistenceOptions options, TimeProvider time, ILogger<Persister> logger) : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private readonly Signal _signal = new(time);
    private volatile PersistReport? _report;
    private readonly Restartable _write = new();
    private volatile bool _isWriting;
    private long _writingSince;
    private TimeSpan _pause;
    private long _failedAt;

    /// <summary>The report has changed. Any thread, under no lock.</summary>
    public event Action? Changed;

    /// <summary>The progress of the newest request; null without one.</summary>
    public PersistReport? Report
    {
        get
        {
            var report = _report;
            if (report is null || !_isWriting || report.Problem is not null) return report;
            var stalled = time.GetElapsedTime(Volatile.Read(ref _writingSince));
            return stalled < options.StallLimit
                ? report
                : report with { Problem = $"{store.Location} has not taken a shard for {stalled.TotalSeconds:0} s" };
        }
    }

    public void Dispose() => _write.Dispose();

    /// <summary>A seal, a commit or a request has come.</summary>
    public void Wake()
    {
        if (state.Directive.Persist?.Snapshot != _report?.Snapshot) _write.Cancel();
        _signal.Set();
    }

    /// <summary>Waits until there may be something to do, and carries out the next step; see <see cref="HostLoop"/>.</summary>
    public async Task PersistAsync(CancellationToken ct)
    {
        await _signal.WaitAsync(Pause(), ct);
        try
        {
            await StepAsync(ct);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The root agent has named another snapshot.
            _signal.Set();
        }
    }

    /// <summary>An attempt failed unexpectedly.</summary>
    public void OnFailed(Exception error) => Fail(error.Message);

    private async Task StepAsync(CancellationToken ct)
    {
        if (state.Directive is not { Persist: { } wanted, Position: { } position } directive)
        {
            Set(null);
            staging.Collect();
            return;
        }

        if (_report?.Snapshot != wanted.Snapshot)
        {
            staging.Collect();
            Set(new PersistReport { Snapshot = wanted.Snapshot, Stage = PersistStage.Waiting });
        }

        var ranks = job.RanksOf(position).ToImmutableArray();
        if (_report!.Stage == PersistStage.Waiting) Stage(wanted.Snapshot, directive.Version.Epoch, ranks);
        if (!IsRested()) return;
        if (_report.Stage == PersistStage.Staged && IsSafe(wanted.Snapshot)) await WriteAsync(wanted.Snapshot, ranks, ct);
        if (_report.Stage == PersistStage.Stored && !wanted.Manifest.IsEmpty) await CompleteAsync(wanted, ct);
    }

    /// <summary>
    /// A snapshot that is never committed is useless, so only a committed one is written. A request that outlives its epoch is committed: otherwise
    /// the root agent has dropped it.
    /// </summary>
    private bool IsSafe(SnapshotId snapshot) =>
        snapshot.Epoch < state.Directive.Version.Epoch || state.Committed >= snapshot.Iteration;

    private void Stage(SnapshotId snapshot, Epoch epoch, ImmutableArray<Rank> ranks)
    {
        // Read this before copying. A committed snapshot must already be sealed here; if the copy fails now, it was overwritten and never comes back.
        var isLastChance = snapshot.Epoch != epoch || state.Committed >= snapshot.Iteration;
        var copied = ranks.All(rank => staging.Find(rank)?.TryCopy(memory, snapshot) == true);
        if (copied)
        {
            LogStaged(snapshot);
            Set(_report! with { Stage = PersistStage.Staged });
        }
        else if (isLastChance)
        {
            LogMissed(snapshot);
            Set(_report! with { Stage = PersistStage.Missed });
        }
    }

    private async Task WriteAsync(SnapshotId snapshot, ImmutableArray<Rank> ranks, CancellationToken ct)
    {
        var writing = _write.Begin(ct);
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        _isWriting = true;
        try
        {
            var shards = ImmutableArray.CreateBuilder<StoredShard>(ranks.Length);
            var start = time.GetTimestamp();
            foreach (var shard in ranks.Select(rank => staging.Find(rank)!))
            {
                Volatile.Write(ref _writingSince, time.GetTimestamp());
                var outcome = await store.WriteShardAsync(snapshot, shard, writing);
                if (!outcome.IsCompleted)
                {
                    Fail(outcome.Reason);
                    return;
                }

                shards.Add(shard.Description);
            }

            Succeed();
            LogStored(snapshot, store.Location, shards.Sum(shard => shard.PayloadBytes), time.GetElapsedTime(start).TotalMilliseconds);
            Set(_report! with { Stage = PersistStage.Stored, Shards = shards.ToImmutable(), Problem = null });
        }
        finally
        {
            _isWriting = false;
        }
    }

    private async Task CompleteAsync(PersistDirective wanted, CancellationToken ct)
    {
        var outcome = await store.CompleteAsync(wanted.Snapshot, wanted.Manifest, ct);
        if (!outcome.IsCompleted)
        {
            Fail(outcome.Reason);
            return;
        }

        Succeed();
        LogCompleted(wanted.Snapshot, store.Location);
        Set(_report! with { Stage = PersistStage.Completed, Problem = null });
        if (await store.TidyAsync(policy.Keep, ct) is { IsCompleted: false } untidy) LogNotTidied(store.Location, untidy.Reason);
    }

    private void Fail(string reason)
    {
        _failedAt = time.GetTimestamp();
        _pause = _pause == TimeSpan.Zero ? options.RetryMin : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, options.RetryMax.Ticks));
        if (_report is not { } report) return;
        if (report.Problem is null) LogWriteFailed(report.Snapshot, reason);
        Set(report with { Problem = reason });
    }

    private void Succeed()
    {
        if (_pause != TimeSpan.Zero) LogWorksAgain(store.Location);
        _pause = TimeSpan.Zero;
    }

    private bool IsRested() => _pause == TimeSpan.Zero || time.GetElapsedTime(_failedAt) >= _pause;

    private TimeSpan Pause() => _pause == TimeSpan.Zero || _pause > Poll ? Poll : _pause;

    private void Set(PersistReport? report)
    {
        if (Equals(_report, report)) return;
        _report = report;
        Changed?.Invoke();
    }

    [LoggerMessage(EventIds.PersistStaged, LogLevel.Debug, "Snapshot {Snapshot} is in the staging buffers, to be persisted")]
    private partial void LogStaged(SnapshotId snapshot);

    [LoggerMessage(EventIds.PersistMissed, LogLevel.Information,
        "Snapshot {Snapshot} is not persisted: its slots were used again too soon, or never held it")]
    private partial void LogMissed(SnapshotId snapshot);

    [LoggerMessage(EventIds.PersistStored, LogLevel.Information,
        "Own shards of snapshot {Snapshot} are in {Location}: {Bytes} bytes in {Milliseconds:0} ms")]
    private partial void LogStored(SnapshotId snapshot, string location, long bytes, double milliseconds);

    [LoggerMessage(EventIds.PersistCompleted, LogLevel.Information, "Snapshot {Snapshot} is complete in {Location}")]
    private partial void LogCompleted(SnapshotId snapshot, string location);

    [LoggerMessage(EventIds.WriteFailed, LogLevel.Error, "Snapshot {Snapshot} cannot be persisted, trying again; training goes on: {Reason}")]
    private partial void LogWriteFailed(SnapshotId snapshot, string reason);

    [LoggerMessage(EventIds.WriteWorksAgain, LogLevel.Information, "Storage {Location} takes snapshots again")]
    private partial void LogWorksAgain(string location);

    [LoggerMessage(EventIds.NotTidied, LogLevel.Warning, "Old snapshots in {Location} are not removed: {Reason}")]
    private partial void LogNotTidied(string location, string reason);
}
