using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// The durable state of the root agent. It is written before any directive of a new epoch is sent, so that the next root agent begins a higher epoch.
/// A root agent that was overtaken fails at its next write (the record's etag) and stops.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.RootRecord")]
public sealed record RootRecord
{
    [Id(0)] public Epoch Epoch { get; init; }

    /// <summary>
    /// The specification with which the job started, or a later one that a person accepted. Null before the first start. Every host is compared with
    /// it, and no other specification counts.
    /// </summary>
    [Id(50)] public JobSpec? Spec { get; init; }

    /// <summary>The run of the job that began at its first start; unknown before.</summary>
    [Id(51)] public JobRun Run { get; init; }

    /// <summary>
    /// This record was rebuilt from the copies that hosts held, because the record before was lost. So nobody knows what was committed, and the job
    /// must not start from the beginning. False again when a snapshot is restored.
    /// </summary>
    [Id(52)] public bool IsRebuilt { get; init; }

    /// <summary>The host at each position; null while the position is vacant. Empty before the first start.</summary>
    [Id(1)] public ImmutableArray<HostName?> Assignment { get; init; } = [];

    /// <summary>Payload size of each rank's shard; empty before the first start.</summary>
    [Id(2)] public ImmutableArray<long> ShardBytes { get; init; } = [];

    /// <summary>The snapshot that the epoch resumed from; null for a start from the beginning.</summary>
    [Id(3)] public SnapshotId? Restore { get; init; }

    /// <summary>
    /// An iteration that is known to be committed. It is a lower bound, because it is written at every recovery and not at every commit.
    /// </summary>
    [Id(4)] public Iteration Committed { get; init; }

    /// <summary>
    /// The newest iteration of this epoch that the root agent itself abandoned, because its commit took too long; zero if none. No root agent commits
    /// this or an earlier iteration of the epoch any more, because trainers reuse its slots.
    /// </summary>
    [Id(9)] public Iteration Abandoned { get; init; }

    /// <summary>The newest recoveries, oldest first, the running one last.</summary>
    [Id(6)] public ImmutableArray<RecoveryTimeline> Recoveries { get; init; } = [];

    /// <summary>The newest snapshot known to be complete in persistent storage.</summary>
    [Id(7)] public SnapshotId? Persisted { get; init; }

    /// <summary>
    /// When <see cref="Persisted"/> was requested, or when the job began; Unix milliseconds. The period of the storage policy counts from this time.
    /// </summary>
    [Id(8)] public long PersistedSince { get; init; }

    /// <summary>How long the job was exposed. Written only with recoveries, so the time between recoveries may be lost with a root agent.</summary>
    [Id(30)] public ExposedTime Exposed { get; init; }

    /// <summary>The exposed milliseconds before the newest recovery began.</summary>
    [Id(31)] public long ExposedBeforeRecovery { get; init; }

    /// <summary>
    /// The address at which each rank's trainer of this epoch answers liveness probes; "" for a trainer that has none. Empty before the first Run.
    /// </summary>
    [Id(20)] public ImmutableArray<string> Liveness { get; init; } = [];
}
