using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Records how the host's own ranks got their state in the newest epoch, for the recovery's time line. Any thread. In each epoch the first record of
/// a rank stays: a later try of the epoch only finds the copy that the first one brought.
/// </summary>
internal sealed class RestoreLog(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Rank, RankRestore> _entries = [];
    private readonly Dictionary<Rank, (Epoch Epoch, long HandedAt)> _loading = [];

    private TimeProvider Time => time;

    /// <summary>By rank; for each rank, the record of its newest epoch.</summary>
    public ImmutableArray<RankRestore> Entries
    {
        get
        {
            lock (_gate) return [.. _entries.Values.OrderBy(entry => entry.Rank)];
        }
    }

    /// <summary>The search for a copy begins.</summary>
    public Attempt Begin(ShardDirective shard, Epoch epoch) => new(this, shard, epoch, time.GetTimestamp());

    /// <summary>The trainer was handed its restore point. Only the first time in an epoch counts.</summary>
    public void Loading(Rank rank, Epoch epoch)
    {
        lock (_gate)
        {
            if (!_loading.TryGetValue(rank, out var known) || known.Epoch < epoch) _loading[rank] = (epoch, time.GetTimestamp());
        }
    }

    /// <summary>The trainer holds the state.</summary>
    public void Loaded(Rank rank, Epoch epoch)
    {
        lock (_gate)
        {
            if (!_loading.TryGetValue(rank, out var loading) || loading.Epoch != epoch) return;
            if (!_entries.TryGetValue(rank, out var entry) || entry.Epoch != epoch || entry.LoadMilliseconds > 0) return;
            _entries[rank] = entry with { LoadMilliseconds = time.GetElapsedTime(loading.HandedAt).TotalMilliseconds };
        }
    }

    private void Add(RankRestore entry)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(entry.Rank, out var known) && known.Epoch >= entry.Epoch) return;
            _entries[entry.Rank] = entry;
        }
    }

    /// <summary>One search for one rank's copy, timed from its beginning.</summary>
    internal readonly struct Attempt(RestoreLog log, ShardDirective shard, Epoch epoch, long startedAt)
    {
        /// <summary>The copy is here and verified. Always returns true, so that the call can be used as an expression.</summary>
        public bool Obtained(CopySource source, HostName? from = null)
        {
            var elapsed = log.Time.GetElapsedTime(startedAt);
            log.Add(new RankRestore
            {
                Rank = shard.Owner,
                Epoch = epoch,
                Source = source,
                From = from,
                Bytes = source == CopySource.None ? 0 : shard.PayloadBytes,
                FetchMilliseconds = source == CopySource.None ? 0 : elapsed.TotalMilliseconds,
            });
            return true;
        }
    }
}
