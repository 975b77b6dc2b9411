using System.IO.Hashing;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Memory;

/// <summary>
/// Hashes idle sealed copies again, in the background and at a bounded rate, so that a bit that flips in memory is found
/// before the copy is needed, and while another copy is there.
/// </summary>
/// <remarks>
/// A copy is looked at chunk by chunk, under a lease for each that bars nobody; an answer counts only if the slot still holds
/// the snapshot afterwards. A rotten chunk of a copy that only the silo writes (held, guest) is fetched from a peer and written
/// in its place. A copy of an own shard is not mended: its trainer may overwrite the slot at any moment and asks nobody. It is
/// given up; the next snapshot takes its place, and in a recovery a peer's copy does. So is a copy whose chunk table is bad,
/// and one whose chunk nobody has. Adopted shards wait until it is known what they are.
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

    /// <summary>Waits for a while, and then looks at what is due; see <see cref="Gemini.Grains.Hosts.HostLoop"/>.</summary>
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

    /// <summary>Returns false when the copy had to be given up.</summary>
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
    /// Rests while something is written. When that lasts too long, its writer is dead, and the scrub does not rest again until
    /// nothing is being written.
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

    [LoggerMessage(MemoryEventIds.ChunkRotten, LogLevel.Error, "Chunk {Chunk} of {ChunkCount} of shard {Owner} of snapshot {Snapshot} has rotted in memory.")]
    private partial void LogRotten(int chunk, int chunkCount, Rank owner, SnapshotId snapshot);
}
