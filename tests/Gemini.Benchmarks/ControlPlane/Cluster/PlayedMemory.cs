using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>The memory of a played host: which copies it holds. A copy has a size and no bytes. Thread-safe.</summary>
internal sealed class PlayedMemory : IHostMemory
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<Rank, ShardRole> _roles = [];
    private ImmutableArray<Replica> _copies = [];
    private JobRun _run;

    public event Action<Replica>? Sealed;

    // Copies without bytes are never bad.
    public event Action? Damaged
    {
        add { }
        remove { }
    }

    public JobRun Run
    {
        get { lock (_gate) return _run; }
    }

    public ImmutableArray<LeftoverCopies> Leftovers => [];

    public (ImmutableList<Damage> Newest, int Count) Damages => ([], 0);

    public string? Warning => null;

    public long MemoryBytes => 0;

    public bool HasGuests => false;

    public long BytesFor(long payloadBytes) => 0;

    public long? RoomBytes(long stagedBytes) => null;

    public ImmutableArray<Replica> Inventory()
    {
        lock (_gate) return _copies;
    }

    public void Join(JobRun run)
    {
        lock (_gate) _run = run;
    }

    public void RaiseEpochFloor(Epoch epoch)
    {
    }

    public bool Fits(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes) => true;

    public void CheckBudget(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes)
    {
    }

    public void EnsureShard(Rank owner, long payloadBytes, ShardRole role)
    {
        lock (_gate) _roles[owner] = role;
    }

    public void ReleaseExcept(IReadOnlySet<Rank> owners) => Keep(copy => owners.Contains(copy.Owner));

    public Task<string?> EnsureGuestAsync(Rank owner, long payloadBytes, long ownNeedBytes, CancellationToken ct) =>
        Task.FromResult<string?>("a played host has no guests");

    public void ReleaseGuests()
    {
    }

    public Task<bool> VerifyAsync(Rank owner, SnapshotId snapshot, ContentHash expected, CancellationToken ct) =>
        Task.FromResult(Inventory().Any(copy => copy.Owner == owner && copy.Snapshot == snapshot && copy.Hash == expected));

    public void Quarantine(Rank owner, SnapshotId snapshot, string reason) => Keep(copy => copy.Owner != owner || copy.Snapshot != snapshot);

    public void DiscardNewerThan(SnapshotId snapshot) => Keep(copy => copy.Snapshot.CompareTo(snapshot) <= 0);

    public void DiscardAll() => Keep(_ => false);

    public bool IsReceiving(Rank owner) => false;

    public (string[] Slots, int LoadSlot) SlotsOf(Rank owner, SnapshotId? snapshot)
    {
        var mine = Inventory().Where(copy => copy.Owner == owner).ToList();
        return (["0", "1"], snapshot is { } wanted ? mine.FindIndex(copy => copy.Snapshot == wanted) : -1);
    }

    public bool RestoreFiles() => false;

    /// <summary>The host's own copy is complete.</summary>
    public Replica SealOwn(Rank owner, SnapshotId snapshot) => Seal(owner, snapshot);

    /// <summary>The copies of other hosts' shards have arrived.</summary>
    public void ReceiveHeld(SnapshotId snapshot)
    {
        Rank[] held;
        lock (_gate) held = [.. _roles.Where(shard => shard.Value == ShardRole.Held).Select(shard => shard.Key)];
        foreach (var owner in held) Sealed?.Invoke(Seal(owner, snapshot));
    }

    /// <summary>A shard has two slots: its two newest copies stay.</summary>
    private Replica Seal(Rank owner, SnapshotId snapshot)
    {
        var sealedCopy = new Replica(owner, snapshot, new ContentHash(((ulong)snapshot.Iteration.Value << 20) + (ulong)owner.Value), PlayedHost.ShardBytes);
        lock (_gate)
        {
            var kept = _copies.Where(copy => copy.Owner == owner && copy.Snapshot != snapshot).OrderByDescending(copy => copy.Snapshot).Take(1);
            _copies =
            [
                .. _copies.Where(copy => copy.Owner != owner).Concat(kept).Append(sealedCopy).OrderBy(copy => copy.Owner).ThenBy(copy => copy.Snapshot),
            ];
        }

        return sealedCopy;
    }

    private void Keep(Predicate<Replica> isKept)
    {
        lock (_gate) _copies = [.. _copies.Where(copy => isKept(copy))];
    }
}
