using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The shards in this host's memory: which are resident, what their slots hold, who may write them. All members are thread-safe.</summary>
/// <remarks>
/// <para>
/// A shard has two slots; a slot is free, being written, or sealed with one snapshot. Trainers write own shards, and peers write held ones. What is in
/// <see cref="Inventory"/> was sealed whole.
/// </para>
/// <para>
/// The memory outlives the worker agent. A new agent finds every shard as <see cref="ShardRole.Adopted"/>: it can be read, and nobody may write it
/// before a directive says who.
/// </para>
/// </remarks>
public interface IHostMemory
{
    /// <summary>A copy from a peer was sealed. Any thread, under no lock.</summary>
    event Action<Replica>? Sealed;

    /// <summary>A copy was given up because it failed a check. Any thread, under no lock.</summary>
    event Action? Damaged;

    /// <summary>The run of the job that this host takes part in. Before <see cref="Join"/>: the newest run of which a sealed copy is here.</summary>
    JobRun Run { get; }

    /// <summary>Sealed copies of other runs, which are in no inventory.</summary>
    ImmutableArray<LeftoverCopies> Leftovers { get; }

    /// <summary>The newest copies that were given up because they failed a check, and how many there were in all.</summary>
    (ImmutableList<Damage> Newest, int Count) Damages { get; }

    /// <summary>What is wrong with the files of the segments, for people; null when nothing is.</summary>
    string? Warning { get; }

    /// <summary>Bytes of all segments.</summary>
    long MemoryBytes { get; }

    bool HasGuests { get; }

    /// <summary>What a resident shard of this size takes, with both slots.</summary>
    long BytesFor(long payloadBytes);

    /// <summary>Bytes that segments and what is staged may take in all; null: more than the job can need.</summary>
    /// <param name="stagedBytes">What is staged now.</param>
    long? RoomBytes(long stagedBytes);

    /// <summary>The sealed copies of the present run, by owner and snapshot.</summary>
    ImmutableArray<Replica> Inventory();

    /// <summary>
    /// This host takes part in a run. Copies of other runs are set aside. Does nothing with an unknown run, and from the second time on.
    /// </summary>
    void Join(JobRun run);

    /// <summary>Receives of an older epoch neither begin nor seal. The fence never falls.</summary>
    void RaiseFence(Epoch epoch);

    /// <summary>Whether <see cref="CheckBudget"/> lets a set of shards pass.</summary>
    bool Fits(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes);

    /// <summary>Refuses a set of shards that does not fit beside those of other owners that are here.</summary>
    /// <param name="shards">The shards that are to be resident.</param>
    /// <param name="stagingBytes">Host memory that persisting needs besides.</param>
    /// <param name="stagedBytes">What of it exists already.</param>
    /// <exception cref="IOException">They do not fit. The message says by how much, and what helps.</exception>
    void CheckBudget(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes);

    /// <summary>Has both slots of a shard, in this role. What they hold stays.</summary>
    void EnsureShard(Rank owner, long payloadBytes, ShardRole role);

    /// <summary>Gives up every shard of other owners; guests stay.</summary>
    void ReleaseExcept(IReadOnlySet<Rank> owners);

    /// <summary>Has a slot for a guest; a shard that is resident stays as it is. Never takes what the host's own position needs.</summary>
    /// <param name="owner">Whose shard.</param>
    /// <param name="payloadBytes">Its size.</param>
    /// <param name="ownNeedBytes">What the segments of a position take together; those that exist are counted.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Why there is no room; null when there is.</returns>
    Task<string?> EnsureGuestAsync(Rank owner, long payloadBytes, long ownNeedBytes, CancellationToken ct);

    /// <summary>Gives up all guests.</summary>
    void ReleaseGuests();

    /// <summary>Whether the copy is here and every byte of it is what the hash says. Reads the whole payload; the caller may stop to wait.</summary>
    Task<bool> VerifyAsync(Rank owner, SnapshotId snapshot, ContentHash expected, CancellationToken ct);

    /// <summary>Gives up a copy, if it is here.</summary>
    void Quarantine(Rank owner, SnapshotId snapshot, string reason);

    /// <summary>Gives up every copy, finished or not, of a snapshot newer than this one. Only while no trainer writes.</summary>
    void DiscardNewerThan(SnapshotId snapshot);

    /// <summary>Gives up every copy, finished or not: a start from the beginning. Only while no trainer writes.</summary>
    void DiscardAll();

    /// <summary>Whether a copy is being received into one of the shard's slots.</summary>
    bool IsReceiving(Rank owner);

    /// <summary>The names of the shard's slots, and the index of the slot that holds the snapshot, sealed; -1 when none does.</summary>
    (string[] Slots, int LoadSlot) SlotsOf(Rank owner, SnapshotId? snapshot);

    /// <summary>
    /// Makes again what somebody deleted, if only the silo writes it. Returns whether slots of own shards are missing: those are made while
    /// trainers are stopped.
    /// </summary>
    bool RestoreFiles();
}
