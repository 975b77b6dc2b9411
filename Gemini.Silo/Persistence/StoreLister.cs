using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Persistence;

/// <summary>
/// Lists the store whenever the job halts, so that a plan can name a stored snapshot. It works in the background. A recovery from memory waits for it
/// only if memory's snapshot is older than the last commit, and only for a limited time.
/// </summary>
internal sealed partial class StoreLister(
    ISnapshotStore store, HostState state, PersistenceOptions options, TimeProvider time, ILogger<StoreLister> logger)
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

    /// <summary>The content of the store at the last listing, for the root agent.</summary>
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

    /// <summary>The store's entry for one shard; null if the snapshot is not complete there, or is refused.</summary>
    public StoredShard? Find(SnapshotId snapshot, Rank owner)
    {
        lock (_gate) return Usable().FirstOrDefault(stored => stored.Snapshot == snapshot)?.Shards.FirstOrDefault(shard => shard.Owner == owner);
    }

    /// <summary>A read of this snapshot failed: this host never reports it again.</summary>
    public void Refuse(SnapshotId snapshot, string reason)
    {
        lock (_gate)
        {
            if (!_refused.TryAdd(snapshot, reason)) return;
        }

        LogRefused(snapshot, store.Location, reason);
        Changed?.Invoke();
    }

    /// <summary>Lists the store if the job is halted and the next listing is due; otherwise waits. See <see cref="HostLoop"/>.</summary>
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
    /// Null if the store does not answer. Nothing can end a call into a file system that hangs. So the next attempt waits for the same call, and only
    /// one thread hangs.
    /// </summary>
    private async Task<StoreListing?> ListAsync(CancellationToken ct)
    {
        _pending ??= store.ListAsync(ct);
        await ((Task)_pending).WaitAsync(options.StallLimit, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
        if (!_pending.IsCompleted)
        {
            lock (_gate) _stall = $"{store.Location} has not answered for more than {options.StallLimit.TotalSeconds:0} s";
            Changed?.Invoke();
            return null;
        }

        var listing = _pending;
        _pending = null;
        return await listing;
    }

    private ImmutableArray<StoredSnapshot> Usable() => [.. _listing.Complete.Where(stored => !_refused.ContainsKey(stored.Snapshot))];

    [LoggerMessage(EventIds.StoreLooked, LogLevel.Information, "Complete snapshots in {Location}: [{Snapshots}] {Problems}")]
    private partial void LogLooked(string location, string snapshots, string problems);

    [LoggerMessage(EventIds.StoreRefused, LogLevel.Error, "Snapshot {Snapshot} in {Location} is not used again: {Reason}")]
    private partial void LogRefused(SnapshotId snapshot, string location, string reason);
}
