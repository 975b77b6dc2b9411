using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>
/// Looks into the store whenever the job halts, so that a plan can name what is there. In the background: a recovery from
/// memory never waits for storage.
/// </summary>
internal sealed partial class StoreLookout(
    ISnapshotStore store, HostState state, PersistenceOptions options, TimeProvider time, ILogger<StoreLookout> logger)
{
    private readonly Signal _signal = new(time);
    private readonly Lock _gate = new();
    private readonly Dictionary<SnapshotId, string> _refused = [];
    private StoreListing _listing = new([], []);
    private Epoch? _lookedIn;
    private long _lookedAt;
    private Task<StoreListing>? _pending;
    private string? _stall;

    /// <summary>The report has changed. Any thread, under no lock.</summary>
    public event Action? Changed;

    /// <summary>What is in the store as of the last look, for the root agent.</summary>
    public StoreReport Report
    {
        get
        {
            var isHalted = IsHalted;
            lock (_gate)
            {
                var refusals = _refused.Select(refusal => $"snapshot {refusal.Key} is refused: {refusal.Value}");
                var problems = new[] { _stall }.OfType<string>().Concat(_listing.Problems).Concat(refusals);
                return new StoreReport
                {
                    LookedIn = _lookedIn ?? default,
                    Complete = isHalted ? Usable() : [],
                    Problem = string.Join("; ", problems) is { Length: > 0 } problem ? problem : null,
                };
            }
        }
    }

    private bool IsHalted => state.Directive.Version.Step <= DirectiveStep.Halt;

    public void Wake() => _signal.Set();

    /// <summary>What the store says about one shard; null when the snapshot is not complete there.</summary>
    public StoredShard? Find(SnapshotId snapshot, Rank owner)
    {
        lock (_gate) return Usable().FirstOrDefault(stored => stored.Snapshot == snapshot)?.Shards.FirstOrDefault(shard => shard.Owner == owner);
    }

    /// <summary>The snapshot failed when it was read: this host never offers it again.</summary>
    public void Refuse(SnapshotId snapshot, string reason)
    {
        lock (_gate)
        {
            if (!_refused.TryAdd(snapshot, reason)) return;
        }

        LogRefused(snapshot, store.Location, reason);
        Changed?.Invoke();
    }

    /// <summary>Looks into the store if the job is halted and it is time, else waits; see <see cref="HostLoop"/>.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        var epoch = state.Directive.Version.Epoch;
        if (IsHalted && IsDue(epoch)) await LookAsync(epoch, ct);
        else await _signal.WaitAsync(options.LookPeriod, ct);
    }

    private bool IsDue(Epoch epoch)
    {
        lock (_gate) return _lookedIn is not { } looked || looked < epoch || time.GetElapsedTime(_lookedAt) >= options.LookPeriod;
    }

    private async Task LookAsync(Epoch epoch, CancellationToken ct)
    {
        if (await ListAsync(ct) is not { } listing) return;
        bool changed;
        lock (_gate)
        {
            var isNews = !listing.Complete.Select(stored => stored.Snapshot).SequenceEqual(_listing.Complete.Select(stored => stored.Snapshot))
                || !listing.Problems.SequenceEqual(_listing.Problems);
            changed = _lookedIn != epoch || isNews;
            if (_lookedIn is null || isNews)
                LogLooked(store.Location, string.Join(", ", listing.Complete.Select(stored => stored.Snapshot)), string.Join("; ", listing.Problems));
            (_listing, _lookedIn, _lookedAt) = (listing, epoch, time.GetTimestamp());
            _stall = null;
        }

        if (changed) Changed?.Invoke();
    }

    /// <summary>
    /// Null when the store does not answer. Nothing ends a call into a file system that hangs, so the same call is waited for the next
    /// time: one thread hangs, and no more.
    /// </summary>
    private async Task<StoreListing?> ListAsync(CancellationToken ct)
    {
        _pending ??= store.ListAsync(ct);
        await ((Task)_pending).WaitAsync(options.StallLimit, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
        if (!_pending.IsCompleted)
        {
            lock (_gate) _stall = $"{store.Location} does not answer for more than {options.StallLimit.TotalSeconds:0} s";
            Changed?.Invoke();
            return null;
        }

        var listing = _pending;
        _pending = null;
        return await listing;
    }

    private ImmutableArray<StoredSnapshot> Usable() => [.. _listing.Complete.Where(stored => !_refused.ContainsKey(stored.Snapshot))];

    [LoggerMessage(PersistenceEventIds.Looked, LogLevel.Information, "Complete snapshots in {Location}: [{Snapshots}] {Problems}")]
    private partial void LogLooked(string location, string snapshots, string problems);

    [LoggerMessage(PersistenceEventIds.Refused, LogLevel.Error, "Snapshot {Snapshot} in {Location} is not used again: {Reason}")]
    private partial void LogRefused(SnapshotId snapshot, string location, string reason);
}
