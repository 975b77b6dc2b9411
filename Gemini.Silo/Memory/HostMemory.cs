using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

/// <summary>The segments of one host: which shards are resident, what their slots hold, and who may touch them.</summary>
/// <remarks>
/// <para>
/// The bytes are in files of a tmpfs, two slots per shard, mapped here and by the owner's trainer. A silo that dies loses
/// none of them: the next one adopts what it finds. A slot is <c>Free → Writing → Sealed</c>, and sealing is the last store,
/// so a writer that dies at any point leaves a slot that nobody takes for a snapshot.
/// </para>
/// <para>
/// Own shards are written by their trainer, which asks nobody; everything else is written here, under a
/// <see cref="ReceiveLease"/>. One receive per shard runs at a time, and a newer request ends an older one, because the
/// usual reason for two is a connection that broke unnoticed. A receive never takes the slot of the committed snapshot
/// (<see cref="ResidentShard.SlotToOverwrite"/>), never one that is being read, and never seals below the fence.
/// </para>
/// <para>
/// Invariants: the fence never falls. A mapping outlives every lease on it. What is in the inventory was sealed whole.
/// All members are thread-safe; <see cref="EnsureShard"/>, <see cref="Verify"/> and <see cref="Adopt"/> take long.
/// </para>
/// </remarks>
internal sealed partial class HostMemory : IHostMemory, IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>Held by whoever makes or deletes files, so that the gate is never held that long.</summary>
    private readonly Lock _files = new();

    private readonly Dictionary<Rank, ResidentShard> _shards = [];
    private readonly HostPaths _paths;
    private readonly string _job;
    private readonly HostMemoryOptions _options;
    private readonly ILogger<HostMemory> _logger;
    private long _fence;

    /// <summary>Makes the host's folder, for this user alone. Nothing is mapped before <see cref="Adopt"/> or <see cref="EnsureShard"/>.</summary>
    /// <exception cref="UntrustedFileException">The folder is not this user's alone.</exception>
    public HostMemory(
        HostPaths paths, string jobName, HostMemoryOptions options, ILogger<HostMemory> logger, int chunkBytes = SegmentLayout.DefaultChunkBytes)
    {
        _paths = paths;
        _job = jobName;
        _options = options;
        _logger = logger;
        ChunkBytes = chunkBytes;
        paths.EnsureDirectory();
    }

    /// <summary>Raised after a receive sealed, outside all locks, on the receiving thread. Handlers must be quick.</summary>
    public event Action<Replica>? Sealed;

    /// <summary>Receives of an older epoch neither begin nor seal.</summary>
    public Epoch Fence => new(Volatile.Read(ref _fence));

    /// <summary>Payload bytes under one hash and in one frame, the same on all hosts: <see cref="SegmentLayout.DefaultChunkBytes"/> but in tests.</summary>
    public int ChunkBytes { get; }

    /// <summary>Bytes of all segments.</summary>
    public long MemoryBytes
    {
        get
        {
            lock (_gate) return AllSlots().Sum(slot => slot.Segment.FileBytes);
        }
    }

    /// <summary>What a resident shard costs: both slots, with header and chunk table.</summary>
    public static long BytesFor(long payloadBytes, int chunkBytes = SegmentLayout.DefaultChunkBytes) =>
        HostPaths.SlotCount * SegmentLayout.FileBytes(payloadBytes, chunkBytes);

    /// <summary>Whether <see cref="CheckBudget"/> lets a set of shards pass.</summary>
    public bool Fits(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes = 0, long stagedBytes = 0) =>
        Refuse(shards, stagingBytes, stagedBytes) is null;

    /// <summary>
    /// Refuses a set of shards that does not fit. Their segments that exist are used again; those of other shards stay,
    /// and need room besides.
    /// </summary>
    /// <param name="shards">The shards that are to be resident.</param>
    /// <param name="stagingBytes">Host memory that persisting needs besides.</param>
    /// <param name="stagedBytes">What of it exists already.</param>
    /// <exception cref="HostMemoryException">They do not fit; the message says by how much and what helps.</exception>
    public void CheckBudget(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes = 0, long stagedBytes = 0)
    {
        if (Refuse(shards, stagingBytes, stagedBytes) is { } refusal) throw new HostMemoryException(refusal);
    }

    /// <summary>Bytes of segments, and of what is staged, that there can be in all.</summary>
    /// <param name="stagedBytes">What is staged now.</param>
    public long RoomBytes(long stagedBytes) =>
        Math.Min(_options.LimitBytes ?? long.MaxValue, MemoryBytes + stagedBytes + FreeBytes);

    long? IHostMemory.RoomBytes(long stagedBytes) => RoomBytes(stagedBytes);

    long IHostMemory.BytesFor(long payloadBytes) => BytesFor(payloadBytes);

    /// <summary>What the file system has left. What the whole machine has left changes all the time, and is asked when files are made.</summary>
    private long FreeBytes => MachineMemory.FreeBytesOf(_paths.Directory);

    private string? Refuse(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes)
    {
        var wanted = shards.ToDictionary(shard => shard.Owner, shard => shard.PayloadBytes);
        long existingBytes, stayingBytes;
        lock (_gate)
        {
            existingBytes = AllSlots().Sum(slot => slot.Segment.FileBytes);
            var staying = _shards.Values.Where(shard => !wanted.ContainsKey(shard.Owner));
            stayingBytes = staying.SelectMany(shard => shard.Slots).Sum(slot => slot.Segment.FileBytes);
        }

        var wantedBytes = wanted.Values.Sum(payloadBytes => BytesFor(payloadBytes, ChunkBytes));
        var neededBytes = wantedBytes + stayingBytes + stagingBytes;
        return MemoryBudget.Refuse(
            neededBytes, existingBytes + stagedBytes, MachineMemory.BoundsOf(_paths.Directory), _options.LimitBytes, stagingBytes, stayingBytes);
    }

    /// <summary>Every copy that may be offered for a recovery: of <see cref="Run"/> only, and under a sound header.</summary>
    public ImmutableArray<Replica> Inventory()
    {
        GiveUpDamaged();
        lock (_gate)
        {
            var run = Run;
            return
            [
                .. AllSlots().Where(slot => slot.Segment.Identity.Run == run).Select(slot => slot.Content()).OfType<Replica>()
                    .OrderBy(copy => copy.Owner).ThenBy(copy => copy.Snapshot),
            ];
        }
    }

    /// <summary>A sealed copy to read, or null. Ownership: the caller disposes.</summary>
    public SegmentLease? TryRead(Rank owner, SnapshotId snapshot) => Lease(owner, snapshot, LeaseKind.Read);

    /// <summary>A slot that holds exactly this snapshot or into which it is being captured, or null. Ownership: the caller disposes.</summary>
    public SegmentLease? TryFollow(Rank owner, SnapshotId snapshot) => Lease(owner, snapshot, LeaseKind.Follow);

    /// <summary>
    /// Whether the copy is here and every byte of it is what the hash says. <paramref name="badChunk"/> is the first chunk
    /// that is not, or -1 when it is not a chunk: no such copy, or another hash. Reads the whole payload.
    /// </summary>
    public bool Verify(Rank owner, SnapshotId snapshot, ContentHash expected, out int badChunk)
    {
        badChunk = -1;
        using var lease = TryRead(owner, snapshot);
        return lease is not null && lease.Verify(expected, out badChunk);
    }

    /// <summary>As <see cref="Verify"/>, on a thread of the pool, because it takes seconds if the payload is large.</summary>
    public Task<bool> VerifyAsync(Rank owner, SnapshotId snapshot, ContentHash expected, CancellationToken ct) =>
        Task.Run(() => Verify(owner, snapshot, expected, out _), ct).WaitAsync(ct);

    /// <summary>Gives up every copy, finished or not, of a snapshot newer than this one. Only while no trainer writes.</summary>
    public void DiscardNewerThan(SnapshotId snapshot) => Discard(slot => slot.Segment.Snapshot.CompareTo(snapshot) > 0);

    /// <summary>Gives up every copy, finished or not: a fresh start. Only while no trainer writes.</summary>
    public void DiscardAll() => Discard(_ => true);

    /// <summary>The shard's segment files by slot, and which of them holds the snapshot, sealed; -1 when none does.</summary>
    public (string[] Slots, int LoadSlot) SlotsOf(Rank owner, SnapshotId? snapshot)
    {
        var paths = Enumerable.Range(0, HostPaths.SlotCount).Select(slot => _paths.Segment(owner, slot)).ToArray();
        lock (_gate)
        {
            var slot = snapshot is { } wanted && _shards.TryGetValue(owner, out var shard) ? shard.Find(wanted) : null;
            return (paths, slot?.Index ?? -1);
        }
    }

    /// <summary>Unmaps everything; the files stay, for the next silo. Leases that are still held keep their mapping until they end.</summary>
    public void Dispose()
    {
        lock (_files) Remove(_ => true, deleteFiles: false);
    }

    /// <summary>Unmaps everything and removes the host's folder.</summary>
    public void DeleteAll()
    {
        lock (_files)
        {
            Remove(_ => true, deleteFiles: true);
            if (Directory.Exists(_paths.Directory)) Directory.Delete(_paths.Directory, recursive: true);
        }
    }

    /// <summary>A read lease was given back.</summary>
    internal void Return(Slot slot, LeaseKind kind)
    {
        lock (_gate)
        {
            if (kind == LeaseKind.Watch) slot.Watchers--;
            else slot.Readers--;
            slot.UnmapIfUnused();
        }
    }

    private SegmentLease? Lease(Rank owner, SnapshotId snapshot, LeaseKind kind)
    {
        lock (_gate)
        {
            if (!_shards.TryGetValue(owner, out var shard)) return null;
            var slot = shard.Slots.FirstOrDefault(
                slot => slot.Receiver is null && (kind == LeaseKind.Follow ? slot.HoldsOrCaptures(snapshot) : slot.Holds(snapshot)));
            return slot is null ? null : NewLease(slot, kind, snapshot);
        }
    }

    private SegmentLease NewLease(Slot slot, LeaseKind kind, SnapshotId snapshot)
    {
        if (kind == LeaseKind.Watch) slot.Watchers++;
        else slot.Readers++;
        return new SegmentLease(this, slot, snapshot, kind);
    }

    private void Discard(Func<Slot, bool> isUnwanted)
    {
        List<ReceiveLease> overtaken = [];
        lock (_gate)
        {
            foreach (var slot in AllSlots().Where(slot => slot.Segment.State != SegmentState.Free && isUnwanted(slot)))
            {
                LogDiscarded(slot.Segment.Owner, slot.Segment.Snapshot);
                if (slot.Receiver is { } receiver) Overtake(receiver, overtaken);
                else slot.Segment.Free();
            }
        }

        overtaken.ForEach(receiver => receiver.Revoke());
    }

    private IEnumerable<Slot> AllSlots() => _shards.Values.SelectMany(shard => shard.Slots);
}
