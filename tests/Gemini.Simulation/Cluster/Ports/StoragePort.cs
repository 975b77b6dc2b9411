using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>The storage tier of one silo: looks into storage while the job halts, and persists the snapshots that it is asked to persist.</summary>
internal sealed class StoragePort(World world, Silo silo) : IStorageTier
{
    private const int StepMilliseconds = 150;
    private const int RetryMilliseconds = 500;

    private readonly HostMemory _memory = silo.Machine.Memory;
    private readonly HashSet<SnapshotId> _refused = [];
    private SortedDictionary<Rank, ulong> _staged = [];
    private IReadOnlyList<StoredSnapshot> _listing = [];
    private Epoch _lookedIn;

    public event Action? Changed;

    public PersistReport? PersistReport { get; private set; }

    public StoreReport? StoreReport => world.Job.Storage is null ? null : new StoreReport
    {
        LookedIn = _lookedIn,
        Complete = silo.State.Directive.Version.Step <= DirectiveStep.Halt ? [.. _listing.Where(stored => !_refused.Contains(stored.Snapshot))] : [],
        Problem = _refused.Count == 0 ? null : $"snapshot {_refused.Max()} is refused",
    };

    public long StagedBytes => 0;

    public long StagingBytesFor(IEnumerable<ShardDirective> own) => 0;

    public void EnsureStaging(IReadOnlyCollection<ShardDirective> own)
    {
    }

    /// <summary>Does nothing: the storage tier looks by itself many times a second.</summary>
    public void Wake()
    {
    }

    public void Refuse(SnapshotId snapshot, string reason) => _refused.Add(snapshot);

    public async Task RunAsync()
    {
        while (world.Job.Storage is not null)
        {
            await silo.Delay(world.Dice.Between(StepMilliseconds / 2, StepMilliseconds));
            if (!world.Storage.IsAway) Look();
            var before = PersistReport;
            Persist();
            if (before != PersistReport) Changed?.Invoke();
        }
    }

    public async Task<string?> LoadAsync(ShardDirective shard, SnapshotId snapshot, Epoch epoch, CancellationToken ct)
    {
        await silo.HangAsync(FaultKind.StorageHang, ct);
        await silo.Delay(world.Dice.Between(20, 200));
        ct.ThrowIfCancellationRequested();
        if (world.Storage.IsAway) throw new IOException("storage does not answer");
        if (_memory.Verify(shard.Owner, snapshot, shard.Hash!.Value)) return null;
        _memory.Quarantine(shard.Owner, snapshot);
        if (world.Storage.Read(snapshot, shard.Owner) is not { } copy || copy.Hash != shard.Hash || copy.Content != copy.Hash.Value)
        {
            _refused.Add(snapshot);
            return "its bytes do not match their hash";
        }

        var receiver = new object();
        var (slot, _) = _memory.TryReceive(receiver, shard.Owner, snapshot, epoch, snapshot.Iteration, fromPeer: false);
        return slot is not null && _memory.Seal(receiver, slot, epoch, copy.Hash, copy.Content) ? null : "a newer epoch took its place";
    }

    private void Look()
    {
        var version = silo.State.Directive.Version;
        if (version.Step > DirectiveStep.Halt) return;
        var listing = world.Storage.Complete;
        var isNews = _lookedIn != version.Epoch || !listing.Select(stored => stored.Snapshot).SequenceEqual(_listing.Select(stored => stored.Snapshot));
        (_listing, _lookedIn) = (listing, version.Epoch);
        if (isNews) Changed?.Invoke();
    }

    private void Persist()
    {
        if (silo.State.Directive is not { Persist: { } wanted, Position: { } position })
        {
            PersistReport = null;
            return;
        }

        if (PersistReport?.Snapshot != wanted.Snapshot)
        {
            _staged = [];
            PersistReport = new PersistReport { Snapshot = wanted.Snapshot, Stage = PersistStage.Waiting };
        }

        if (PersistReport.Stage == PersistStage.Waiting) Stage(wanted.Snapshot, position);
        else if (PersistReport.Stage == PersistStage.Staged && IsSafe(wanted.Snapshot)) Write(wanted.Snapshot);
        else if (PersistReport.Stage == PersistStage.Stored && !wanted.Manifest.IsEmpty) Complete(wanted.Snapshot);
    }

    private bool IsSafe(SnapshotId snapshot) => snapshot.Epoch < silo.State.Directive.Version.Epoch || silo.State.Committed >= snapshot.Iteration;

    private void Stage(SnapshotId snapshot, HostPosition position)
    {
        var isLastChance = IsSafe(snapshot);
        var copies = world.Job.RanksOf(position).Select(rank => _memory.Find(rank, snapshot)).ToList();
        if (copies.TrueForAll(copy => copy is { IsSound: true }))
        {
            _staged = new SortedDictionary<Rank, ulong>(copies.ToDictionary(copy => copy!.Owner, copy => copy!.Content));
            PersistReport = PersistReport! with { Stage = PersistStage.Staged };
        }
        else if (isLastChance)
        {
            PersistReport = PersistReport! with { Stage = PersistStage.Missed };
        }
    }

    private void Write(SnapshotId snapshot)
    {
        if (Fails()) return;
        foreach (var (owner, content) in _staged)
        {
            if (!world.Has(Defect.PersistedTooSoon)) world.Storage.Write(snapshot, owner, content);
        }

        PersistReport = PersistReport! with
        {
            Stage = PersistStage.Stored,
            Shards = [.. _staged.Select(shard => new StoredShard(shard.Key, new ContentHash(shard.Value), Slot.BytesOf(shard.Key), 1 << 20))],
            Problem = null,
        };
    }

    private void Complete(SnapshotId snapshot)
    {
        if (Fails()) return;
        if (!world.Has(Defect.PersistedTooSoon)) world.Storage.CompleteSnapshot(snapshot);
        PersistReport = PersistReport! with { Stage = PersistStage.Completed, Problem = null };
    }

    private bool Fails()
    {
        if (world.Storage is { IsAway: false, IsFull: false }) return false;
        PersistReport = PersistReport! with { Problem = "No space left on device" };
        return true;
    }
}
