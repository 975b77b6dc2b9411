using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>What to resume from and where each rank takes it from.</summary>
/// <param name="Restore">The snapshot; null: start from the beginning.</param>
/// <param name="Shards">By rank; empty with a null <paramref name="Restore"/>.</param>
/// <param name="Source">The furthest source that any rank needs.</param>
public sealed record RecoveryPlan(SnapshotId? Restore, ImmutableArray<ShardRecovery> Shards, CopySource Source);

/// <summary>Where one rank's shard is taken from.</summary>
/// <param name="Replica">The shard and the hash it must have.</param>
/// <param name="Sources">Hosts that hold it, best first: the rank's own host, then the others.</param>
public sealed record ShardRecovery(Replica Replica, ImmutableArray<HostName> Sources);
