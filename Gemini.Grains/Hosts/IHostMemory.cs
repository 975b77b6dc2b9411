using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>The shards in this host's memory: which are resident, what their slots hold, who may write them. All members are thread-safe.</summary>
/// <remarks>
/// <para>
/// A shard has two slots; a slot is free, being written, or sealed with one snapshot. Trainers write own shards, and peers write held ones. Every
/// copy in <see cref="Inventory"/> was sealed after it was written completely.
/// </para>
/// <para>
/// The memory outlives the worker agent. A new agent finds every shard as <see cref="ShardRole.Adopted"/>: it can be read, but nobody may write it
/// before a directive gives it another role.
/// </para>
/// </remarks>
public interface IHostMemory
{
    /// <summary>A copy from a peer was sealed. Any thread, under no lock.</summary>
    event Action<Replica>? Sealed;

    /// <summary>A copy was discarded because it failed a check. Any thread, under no lock.</summary>
    event Action? Damaged;

    /// <summary>
    /// The run of the job that this host takes part in. Before <see cref="Join"/>: the newest run of which this host holds a sealed copy.
    /// </summary>
    JobRun Run { get; }

    /// <summary>Sealed copies of other runs, which are in no inventory.</summary>
    ImmutableArray<LeftoverCopies> Leftovers { get; }

    /// <summary>The newest copies that were discarded because they failed a check, and the number of all such copies.</summary>
    (ImmutableList<Damage> Newest, int Count) Damages { get; }

    /// <summary>What is wrong with the files of the segments, for people; null if nothing is.</summary>
    string? Warning { get; }

    /// <summary>Bytes of all segments.</summary>
    long MemoryBytes { get; }

    bool HasGuests { get; }

    /// <summary>Bytes that a resident shard of this size takes, with both slots.</summary>
    long BytesFor(long payloadBytes);

    /// <summary>Bytes that segments and staging buffers may take together; null: more than the job can need.</summary>
    /// <param name="stagedBytes">Bytes that the staging buffers take now.</param>
    long? RoomBytes(long stagedBytes);

    /// <summary>The sealed copies of the present run, by owner and snapshot.</summary>
    ImmutableArray<Replica> Inventory();

    /// <summary>
    /// This host takes part in a run. Copies of other runs are set aside. Does nothing if the run is unknown, or joined already.
    /// </summary>
    void Join(JobRun run);

    /// <summary>
    /// Raises the epoch floor: earlier epochs are over, and no receive of such an epoch begins or seals any more. The floor never falls.
    /// </summary>
    void RaiseEpochFloor(Epoch epoch);

    /// <summary>Whether <see cref="CheckBudget"/> accepts a set of shards.</summary>
    bool Fits(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes);

    /// <summary>Refuses a set of shards that does not fit beside the resident shards of other owners.</summary>
    /// <param name="shards">The shards that should be resident.</param>
    /// <param name="stagingBytes">Bytes that the staging buffers will take besides.</param>
    /// <param name="stagedBytes">Bytes of these buffers that exist already.</param>
    /// <exception cref="IOException">They do not fit. The message says by how much, and what helps.</exception>
    void CheckBudget(IEnumerable<(Rank Owner, long PayloadBytes)> shards, long stagingBytes, long stagedBytes);

    /// <summary>Makes both slots of a shard, if they do not exist, and gives the shard this role. Copies in the slots stay.</summary>
    void EnsureShard(Rank owner, long payloadBytes, ShardRole role);

    /// <summary>Deletes every shard of other owners, except guests.</summary>
    void ReleaseExcept(IReadOnlySet<Rank> owners);

    /// <summary>Makes a slot for a guest. A shard that is resident already stays as it is. Never takes room that the host's own position needs.</summary>
    /// <param name="owner">Whose shard.</param>
    /// <param name="payloadBytes">Its size.</param>
    /// <param name="ownNeedBytes">Bytes that the segments of a position take together, including those that exist already.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The reason why there is no room; null if there is room.</returns>
    Task<string?> EnsureGuestAsync(Rank owner, long payloadBytes, long ownNeedBytes, CancellationToken ct);

    /// <summary>Deletes all guests.</summary>
    void ReleaseGuests();

    /// <summary>Whether this host holds the copy and every byte of it matches the hash. Reads the whole payload; the caller may stop waiting.</summary>
    Task<bool> VerifyAsync(Rank owner, SnapshotId snapshot, ContentHash expected, CancellationToken ct);

    /// <summary>Discards a copy, if this host holds it.</summary>
    void Quarantine(Rank owner, SnapshotId snapshot, string reason);

    /// <summary>Discards every copy, finished or not, of a snapshot newer than this one. Only while no trainer writes.</summary>
    void DiscardNewerThan(SnapshotId snapshot);

    /// <summary>Discards every copy, finished or not: the job starts from the beginning. Only while no trainer writes.</summary>
    void DiscardAll();

    /// <summary>Whether a copy is being received into one of the shard's slots.</summary>
    bool IsReceiving(Rank owner);

    /// <summary>The names of the shard's slots, and the index of the slot that holds the snapshot, sealed; -1 if none does.</summary>
    (string[] Slots, int LoadSlot) SlotsOf(Rank owner, SnapshotId? snapshot);

    /// <summary>
    /// Makes segment files again that somebody deleted, if only the silo writes them. Returns whether files of own shards are missing and there is
    /// room for them: those are made again while trainers are stopped.
    /// </summary>
    bool RestoreFiles();
}
