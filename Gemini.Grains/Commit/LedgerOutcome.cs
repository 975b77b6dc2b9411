using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Commit;

/// <summary>The result of an announcement to a group's ledger.</summary>
/// <param name="Complete">Snapshots for which every shard of the group has its m replicas, oldest first. A snapshot is named again at every
/// announcement that touches it, so that a lost message to the root agent is repeated.</param>
/// <param name="Skipped">Iterations that a rank of the group skipped.</param>
/// <param name="Conflicts">Copies whose hash differs from the owner's. They are not counted.</param>
public sealed record LedgerOutcome(
    ImmutableArray<CompleteSnapshot> Complete, ImmutableArray<Iteration> Skipped, ImmutableArray<ReplicaConflict> Conflicts)
{
    public static LedgerOutcome Nothing { get; } = new([], [], []);
}

/// <summary>A snapshot that is complete in one group, with its shards in rank order.</summary>
public sealed record CompleteSnapshot(SnapshotId Snapshot, ImmutableArray<Replica> Shards);

/// <summary>Two holders of one shard of one snapshot announced different hashes.</summary>
public sealed record ReplicaConflict(Rank Owner, SnapshotId Snapshot, HostPosition Holder, ContentHash Announced, ContentHash Expected);
