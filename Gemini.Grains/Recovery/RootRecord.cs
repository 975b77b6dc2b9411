using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// What the root agent must not forget: written before any directive of a new epoch is sent, so that whoever comes up after
/// it starts at a higher one. A writer that was overtaken fails at its next write (the record's etag) and stops.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.RootRecord")]
public sealed record RootRecord
{
    [Id(0)] public Epoch Epoch { get; init; }

    /// <summary>
    /// The specification with which the job started, or that a person accepted since. Null before the first start. Every host is
    /// compared with it, and it alone counts.
    /// </summary>
    [Id(50)] public JobSpec? Spec { get; init; }

    /// <summary>The run of the job that began at its first start; unknown before.</summary>
    [Id(51)] public JobRun Run { get; init; }

    /// <summary>
    /// This record was made of what hosts held, because the one before it was lost; so it is not known what was committed, and the
    /// job must not start from the beginning. Until a snapshot is restored.
    /// </summary>
    [Id(52)] public bool IsRebuilt { get; init; }

    /// <summary>The host at each position; null while a lost host's successor is not there yet. Empty before the first start.</summary>
    [Id(1)] public ImmutableArray<HostName?> Assignment { get; init; } = [];

    /// <summary>Payload size of each rank's shard; empty before the first start.</summary>
    [Id(2)] public ImmutableArray<long> ShardBytes { get; init; } = [];

    /// <summary>What the epoch resumed from; null for a fresh start.</summary>
    [Id(3)] public SnapshotId? Restore { get; init; }

    /// <summary>An iteration known to be committed, a lower bound: written at every recovery, not at every commit.</summary>
    [Id(4)] public Iteration Committed { get; init; }

    /// <summary>
    /// The newest iteration of this epoch that the root agent itself gave up, because it waited too long for its commit; zero if none. Nothing
    /// up to it is committed any more, by a later root agent either: trainers use its slots again.
    /// </summary>
    [Id(9)] public Iteration Abandoned { get; init; }

    /// <summary>The newest recoveries, oldest first, the running one last.</summary>
    [Id(6)] public ImmutableArray<RecoveryTimeline> Recoveries { get; init; } = [];

    /// <summary>The newest snapshot known to be complete in persistent storage.</summary>
    [Id(7)] public SnapshotId? Persisted { get; init; }

    /// <summary>When that one was asked for, or the job began, Unix milliseconds: from then the storage policy's period counts.</summary>
    [Id(8)] public long PersistedSince { get; init; }

    /// <summary>How long the job was exposed. Written along with recoveries: what comes between them may be lost with a root agent.</summary>
    [Id(30)] public ExposedTime Exposed { get; init; }

    /// <summary>Milliseconds of it before the newest recovery began.</summary>
    [Id(31)] public long ExposedBeforeRecovery { get; init; }

    /// <summary>Where each rank's trainer of this epoch answers whether it lives; "" for one that does not. Empty before the first Run.</summary>
    [Id(20)] public ImmutableArray<string> Liveness { get; init; } = [];
}
