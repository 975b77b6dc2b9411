using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>The snapshot to resume from, and the sources of each rank's shard.</summary>
/// <param name="Restore">The snapshot; null: start from the beginning.</param>
/// <param name="Shards">By rank; empty with a null <paramref name="Restore"/>.</param>
/// <param name="Source">The furthest source that any rank needs.</param>
public sealed record RecoveryPlan(SnapshotId? Restore, ImmutableArray<ShardRecovery> Shards, CopySource Source);

/// <summary>The sources of one rank's shard.</summary>
/// <param name="Replica">The shard and the hash it must have.</param>
/// <param name="Sources">Hosts that hold the shard, best first: the rank's own host, then the others by name. Empty if the shard is in
/// storage.</param>
public sealed record ShardRecovery(Replica Replica, ImmutableArray<HostName> Sources);
