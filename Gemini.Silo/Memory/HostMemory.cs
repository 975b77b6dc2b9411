using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Silo.Memory;

/// <summary>The segments of one host: which shards are resident, what their slots hold, and who may touch them.</summary>
/// <remarks>
/// <para>
/// The bytes are in files of a tmpfs, two slots per shard, mapped here and by the owner's trainer. If the silo dies, no byte is lost: the next silo
/// adopts the files. A slot goes through <c>Free → Writing → Sealed</c>, and the seal is the last store. So if a writer dies before the seal, nobody
/// takes its slot for a snapshot.
/// </para>
/// <para>
/// A trainer writes its own shard without asking. The silo writes everything else, under a <see cref="ReceiveLease"/>. One receive per shard runs at
/// a time. A second request is refused as busy, and ends the first one unless that is of a newer epoch: usually the first one's connection broke
/// unnoticed. A receive never takes the slot of the committed snapshot (<see cref="ResidentShard.SlotToOverwrite"/>) or a slot that somebody reads,
/// and never seals below the epoch floor (<see cref="EpochFloor"/>).
/// </para>
/// <para>
/// Invariants: the epoch floor never falls. A mapping outlives every lease on it. Every copy in the inventory was complete when it was sealed. All
/// members are thread-safe; <see cref="EnsureShard"/>, <see cref="Verify"/> and <see cref="Adopt"/> take long.
/// </para>
/// </remarks>
internal sealed partial class HostMemory : IHostMemory, IDisposable
{
    private readonly Lock _gate = new();

    /// <summary>Held while files are made or deleted, so that nobody holds <see cref="_gate"/> for so long.</summary>
    private readonly Lock _files = new();

    private readonly Dictionary<Rank, ResidentShard> _shards = [];
    private readonly HostPaths _paths;
    private readonly string _job;
    private readonly HostMemoryOptions _options;
    private readonly ILogger<HostMemory> _logger;
    private long _epochFloor;

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

    /// <summary>The epoch floor: receives of an older epoch neither begin nor seal.</summary>
    public Epoch EpochFloor => new(Volatile.Read(ref _epochFloor));

    /// <summary>
    /// Payload bytes under one hash and in one frame, the same on all hosts: <see cref="SegmentLayout.DefaultChunkBytes"/>, except in tests.
    /// </summary>
    public int ChunkBytes { get; }

    /// <summary>Bytes of all segments.</summary>
    public long MemoryBytes
    {
        get
        {
            lock (_gate) return AllSlots().Sum(slot => slot.Segment.FileBytes);
        }
    }

    /// <summary>Bytes of a resident shard: both slots, with header and chunk table.</summary>
    public static long BytesFor(long payloadBytes, int chunkBytes = SegmentLayout.DefaultChunkBytes) =>
        HostPaths.SlotCount * SegmentLayout.FileBytes(payloadBytes, chunkBytes);

    /// <summary>Whether <see cref="CheckBudget"/> accepts these shards.</summary>
    public bool Fits(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes = 0, long stagedBytes = 0) =>
        Refuse(shards, stagingBytes, stagedBytes) is null;

    /// <summary>
    /// Throws if these shards do not fit. Segments of these shards that exist already are used again. Segments of other shards stay, and need room in
    /// addition.
    /// </summary>
    /// <param name="shards">The shards that are to be resident.</param>
    /// <param name="stagingBytes">Host memory that persisting needs in addition.</param>
    /// <param name="stagedBytes">The part of it that exists already.</param>
    /// <exception cref="HostMemoryException">They do not fit; the message says by how much and what helps.</exception>
    public void CheckBudget(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes = 0, long stagedBytes = 0)
    {
        if (Refuse(shards, stagingBytes, stagedBytes) is { } refusal) throw new HostMemoryException(refusal);
    }

    /// <summary>How many bytes segments and staging buffers together can take at most.</summary>
    /// <param name="stagedBytes">Bytes of the staging buffers now.</param>
    public long RoomBytes(long stagedBytes) =>
        Math.Min(_options.LimitBytes ?? long.MaxValue, MemoryBytes + stagedBytes + FreeBytes);

    long? IHostMemory.RoomBytes(long stagedBytes) => RoomBytes(stagedBytes);

    long IHostMemory.BytesFor(long payloadBytes) => BytesFor(payloadBytes);

    /// <summary>
    /// Free bytes of the file system. Free memory of the machine is not counted here, because it changes all the time; it is checked when files are
    /// made.
    /// </summary>
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

    /// <summary>Every copy that this host may offer for a recovery: only of <see cref="Run"/>, and only with a sound header.</summary>
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

    /// <summary>A lease to read a sealed copy, or null. Ownership: the caller disposes.</summary>
    public SegmentLease? TryRead(Rank owner, SnapshotId snapshot) => Lease(owner, snapshot, LeaseKind.Read);

    /// <summary>A lease of a slot that holds this snapshot, or into which the trainer captures it; or null. Ownership: the caller disposes.</summary>
    public SegmentLease? TryFollow(Rank owner, SnapshotId snapshot) => Lease(owner, snapshot, LeaseKind.Follow);

    /// <summary>
    /// Whether the copy is here and every byte of it matches the hash. <paramref name="badChunk"/> is the first chunk that does not match; -1 if no
    /// chunk is to blame: there is no such copy, or it has another hash. Reads the whole payload.
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

    /// <summary>Discards every copy, finished or not, of a snapshot newer than this one. Call only while no trainer writes.</summary>
    public void DiscardNewerThan(SnapshotId snapshot) => Discard(slot => slot.Segment.Snapshot.CompareTo(snapshot) > 0);

    /// <summary>Discards every copy, finished or not, for a fresh start. Call only while no trainer writes.</summary>
    public void DiscardAll() => Discard(_ => true);

    /// <summary>The paths of the shard's segment files, by slot, and the index of the slot that holds the snapshot, sealed; -1 if none does.</summary>
    public (string[] Slots, int LoadSlot) SlotsOf(Rank owner, SnapshotId? snapshot)
    {
        var paths = Enumerable.Range(0, HostPaths.SlotCount).Select(slot => _paths.Segment(owner, slot)).ToArray();
        lock (_gate)
        {
            var slot = snapshot is { } wanted && _shards.TryGetValue(owner, out var shard) ? shard.Find(wanted) : null;
            return (paths, slot?.Index ?? -1);
        }
    }

    /// <summary>Unmaps everything. The files stay, for the next silo. A lease that somebody still holds keeps its mapping until it ends.</summary>
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

    /// <summary>A lease was disposed.</summary>
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
