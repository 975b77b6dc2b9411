using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosts;

/// <summary>Host memory that is only a list of copies. It writes every change to the journal. A shard takes twice its payload.</summary>
internal sealed class MemoryDouble(List<string> journal) : IHostMemory
{
    private ImmutableList<Damage> _damages = [];

    public event Action<Replica>? Sealed;

    public event Action? Damaged;

    /// <summary>The sealed copies.</summary>
    public List<Replica> Copies { get; } = [];

    /// <summary>Copies whose bytes do not match their hashes.</summary>
    public HashSet<Replica> Rotten { get; } = [];

    /// <summary>Owners into whose slots a copy is being received.</summary>
    public HashSet<Rank> Receiving { get; } = [];

    /// <summary>Whether the shards of the next position need the room of others.</summary>
    public bool IsFull { get; set; }

    /// <summary>Why a position's shards do not fit; null: they do.</summary>
    public string? BudgetProblem { get; set; }

    /// <summary>The last arguments of <see cref="CheckBudget"/>.</summary>
    public (int Shards, long StagingBytes, long StagedBytes) Budget { get; private set; }

    /// <summary>Owners for whose guest there is no room.</summary>
    public HashSet<Rank> NoRoomFor { get; } = [];

    /// <summary>The last argument ownNeedBytes of <see cref="EnsureGuestAsync"/>.</summary>
    public long OwnNeedBytes { get; private set; }

    public JobRun Run { get; set; }

    public ImmutableArray<LeftoverCopies> Leftovers { get; set; } = [];

    public (ImmutableList<Damage> Newest, int Count) Damages => (_damages, _damages.Count);

    public string? Warning { get; set; }

    public long MemoryBytes { get; set; }

    public bool HasGuests { get; set; }

    public void Seal(Replica copy)
    {
        Copies.Add(copy);
        Sealed?.Invoke(copy);
    }

    public long BytesFor(long payloadBytes) => 2 * payloadBytes;

    public long? RoomBytes(long stagedBytes) => 100_000 + stagedBytes;

    public ImmutableArray<Replica> Inventory() => [.. Copies];

    public void Join(JobRun run)
    {
        Run = run;
        journal.Add($"memory joins run {run.Id.ToString()[^1]}");
    }

    public void RaiseEpochFloor(Epoch epoch) => journal.Add($"memory has epoch floor {epoch}");

    public bool Fits(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes) => !IsFull;

    public void CheckBudget(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes)
    {
        Budget = (shards.Count(), stagingBytes, stagedBytes);
        if (BudgetProblem is { } problem) throw new IOException(problem);
    }

    public void EnsureShard(Rank owner, long payloadBytes, ShardRole role) => journal.Add($"memory makes shard {owner} as {role}");

    public void ReleaseExcept(IReadOnlySet<Rank> owners) => journal.Add($"memory releases all but {string.Join(' ', owners.Order())}");

    public Task<string?> EnsureGuestAsync(Rank owner, long payloadBytes, long ownNeedBytes, CancellationToken ct)
    {
        OwnNeedBytes = ownNeedBytes;
        return Task.FromResult(NoRoomFor.Contains(owner) ? "there is no room" : null);
    }

    public void ReleaseGuests()
    {
        HasGuests = false;
        journal.Add("memory releases its guests");
    }

    public Task<bool> VerifyAsync(Rank owner, SnapshotId snapshot, ContentHash expected, CancellationToken ct) =>
        Task.FromResult(Find(owner, snapshot) is { } copy && copy.Hash == expected && !Rotten.Contains(copy));

    public void Quarantine(Rank owner, SnapshotId snapshot, string reason)
    {
        journal.Add($"memory discards {owner} of {snapshot}: {reason}");
        if (Find(owner, snapshot) is not { } copy) return;
        Copies.Remove(copy);
        _damages = _damages.Add(new Damage(owner, snapshot, reason));
        Damaged?.Invoke();
    }

    public void DiscardNewerThan(SnapshotId snapshot) => journal.Add($"memory discards what is newer than {snapshot}");

    public void DiscardAll() => journal.Add("memory discards everything");

    public bool IsReceiving(Rank owner) => Receiving.Contains(owner);

    public (string[] Slots, int LoadSlot) SlotsOf(Rank owner, SnapshotId? snapshot) =>
        ([$"{owner}.a", $"{owner}.b"], snapshot is { } wanted && Find(owner, wanted) is not null ? 1 : -1);

    public bool RestoreFiles() => false;

    private Replica? Find(Rank owner, SnapshotId snapshot) => Copies.Find(copy => copy.Owner == owner && copy.Snapshot == snapshot);
}
