using System.IO.Hashing;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>
/// Hashes idle sealed copies again, in the background and at a bounded rate. So a bit that flips in memory is found before the copy is needed, and
/// while another copy exists.
/// </summary>
/// <remarks>
/// A copy is checked chunk by chunk. Each check holds a lease that blocks nobody, and counts only if the slot still holds the snapshot afterwards. If
/// only the silo writes the copy (held, guest), the right bytes of a rotten chunk are fetched from a peer and written over it. A copy of an own shard
/// is not mended, because its trainer may overwrite the slot at any moment without asking. It is quarantined: the next snapshot takes its place, and
/// a recovery uses a peer's copy. A copy is also quarantined if its chunk table is bad, or if no peer has the right chunk. Adopted shards are not
/// checked until this host knows their role.
/// </remarks>
internal sealed partial class Scrubber(HostMemory memory, IChunkSource peers, ScrubOptions options, TimeProvider time, ILogger<Scrubber> logger)
{
    private static readonly TimeSpan RestPeriod = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<(Rank Owner, SnapshotId Snapshot), long> _dueAt = [];
    private bool _isWriterDead;
    private long _bytes;
    private long _copies;
    private long _rotten;
    private long _repaired;

    /// <summary>A chunk was found rotten, or mended. Any thread, under no lock.</summary>
    public event Action? Changed;

    public ScrubReport Report => new(Volatile.Read(ref _bytes), Volatile.Read(ref _copies), Volatile.Read(ref _rotten), Volatile.Read(ref _repaired));

    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>Waits, and then checks every copy that is due; see <see cref="Gemini.Grains.Hosts.HostLoop"/>.</summary>
    public async Task ScrubAsync(CancellationToken ct)
    {
        await Task.Delay(options.LookPeriod, time, ct);
        foreach (var (owner, snapshot) in Due()) await ScrubAsync(owner, snapshot, ct);
    }

    private List<(Rank Owner, SnapshotId Snapshot)> Due()
    {
        var here = memory.Inventory().Select(copy => (copy.Owner, copy.Snapshot)).ToHashSet();
        foreach (var gone in _dueAt.Keys.Where(copy => !here.Contains(copy)).ToList()) _dueAt.Remove(gone);
        foreach (var copy in here) _dueAt.TryAdd(copy, (Now + options.IdleAge).Ticks);
        return [.. _dueAt.Where(copy => copy.Value <= Now.Ticks && memory.IsScrubbable(copy.Key.Owner)).OrderBy(copy => copy.Value).Select(copy => copy.Key)];
    }

    private async Task ScrubAsync(Rank owner, SnapshotId snapshot, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        long bytes = 0;
        for (var chunk = 0; ; chunk++)
        {
            await RestWhileWrittenAsync(ct);
            using var copy = memory.TryWatch(owner, snapshot);
            if (copy is null) return;
            if (chunk == copy.ChunkCount) break;
            if (chunk == 0 && !copy.IsTableSound() && copy.StillHolds())
            {
                memory.Quarantine(owner, snapshot, "its chunk table does not match its hash");
                return;
            }

            if (XxHash3.HashToUInt64(copy.Chunk(chunk).Span) != copy.ChunkHash(chunk) && copy.StillHolds() && !await MendAsync(copy, chunk, ct)) return;
            bytes += copy.Chunk(chunk).Length;
            Interlocked.Add(ref _bytes, copy.Chunk(chunk).Length);
            var ahead = TimeSpan.FromSeconds((double)bytes / options.BytesPerSecond) - time.GetElapsedTime(start);
            if (ahead > RestPeriod) await Task.Delay(ahead, time, ct);
        }

        Interlocked.Increment(ref _copies);
        _dueAt[(owner, snapshot)] = (Now + options.Period).Ticks;
    }

    /// <summary>Returns false if the copy was quarantined.</summary>
    private async Task<bool> MendAsync(SegmentLease copy, int chunk, CancellationToken ct)
    {
        Interlocked.Increment(ref _rotten);
        LogRotten(chunk, copy.ChunkCount, copy.Owner, copy.Snapshot);
        var isMended = false;
        if (memory.IsMendable(copy.Owner))
        {
            var bytes = new byte[copy.Chunk(chunk).Length];
            isMended = await peers.TryGetAsync(copy, chunk, bytes, ct)
                && XxHash3.HashToUInt64(bytes) == copy.ChunkHash(chunk) && memory.TryMend(copy, chunk, bytes);
        }

        if (isMended) Interlocked.Increment(ref _repaired);
        else memory.Quarantine(copy.Owner, copy.Snapshot, $"chunk {chunk} of {copy.ChunkCount} does not match its hash");
        Changed?.Invoke();
        return isMended;
    }

    /// <summary>
    /// Pauses while somebody writes a slot. If that lasts too long, the writer must be dead. Then the scrub does not pause again until no slot is
    /// being written.
    /// </summary>
    private async Task RestWhileWrittenAsync(CancellationToken ct)
    {
        var start = time.GetTimestamp();
        while (memory.IsBeingWritten)
        {
            _isWriterDead |= time.GetElapsedTime(start) >= options.RestLimit;
            if (_isWriterDead) return;
            await Task.Delay(RestPeriod, time, ct);
        }

        _isWriterDead = false;
    }

    [LoggerMessage(EventIds.ChunkRotten, LogLevel.Error, "Chunk {Chunk} of {ChunkCount} of shard {Owner} of snapshot {Snapshot} has rotted in memory.")]
    private partial void LogRotten(int chunk, int chunkCount, Rank owner, SnapshotId snapshot);
}
