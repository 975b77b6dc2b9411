using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>The answer to "where am I safe?".</summary>
[GenerateSerializer, Immutable, Alias("gemini.JobStatus")]
public sealed record JobStatus
{
    [Id(0)] public required JobSpec Job { get; init; }

    [Id(1)] public required JobPhase Phase { get; init; }

    /// <summary>Why the job is in this phase, or what the job waits for.</summary>
    [Id(2)] public required string Reason { get; init; }

    [Id(3)] public Epoch Epoch { get; init; }

    /// <summary>
    /// The newest iteration that every rank is known to have finished. During a recovery this keeps its value from before the failure. When the job
    /// runs again, it starts at the iteration that the job resumed from. Never less than <see cref="Captured"/>.
    /// </summary>
    [Id(4)] public Iteration Trained { get; init; }

    /// <summary>
    /// The newest iteration for which every shard is known to have been sealed in its own host's memory. Never less than <see cref="Committed"/>.
    /// </summary>
    [Id(5)] public Iteration Captured { get; init; }

    /// <summary>The newest iteration for which every shard has its m replicas.</summary>
    [Id(6)] public Iteration Committed { get; init; }

    /// <summary>
    /// The most iterations by which the committed iteration was behind the trained one, measured since the first commit that this root agent saw.
    /// </summary>
    [Id(7)] public long CommittedLagMax { get; init; }

    /// <summary>Hash of every shard of the newest committed iteration, by rank; empty before the first commit.</summary>
    [Id(8)] public ImmutableArray<ContentHash> CommittedHashes { get; init; } = [];

    /// <summary>Median duration of an iteration in milliseconds, over the newest iterations that this root agent saw.</summary>
    [Id(9)] public double IterationMillisecondsMedian { get; init; }

    [Id(10)] public ImmutableArray<HostStatus> Hosts { get; init; } = [];

    /// <summary>The recoveries so far, oldest first, the running one last.</summary>
    [Id(11)] public ImmutableArray<RecoveryTimeline> Recoveries { get; init; } = [];

    /// <summary>The silo on which the root agent runs.</summary>
    [Id(12)] public HostName RootHost { get; init; }

    /// <summary>The iteration of the newest snapshot that is complete in persistent storage; zero when none is known.</summary>
    [Id(13)] public Iteration Persisted { get; init; }

    /// <summary>Why snapshots cannot be written to persistent storage, or what is wrong with stored snapshots; null if there is no problem.</summary>
    [Id(14)] public string? StorageProblem { get; init; }

    /// <summary>For how many milliseconds nothing has been committed while the job trains; 0 in every phase except Running.</summary>
    [Id(15)] public long CommitSilenceMilliseconds { get; init; }

    /// <summary>How many iterations lie between two saves of a trainer; 0 while not known.</summary>
    [Id(16)] public long SaveInterval { get; init; }

    /// <summary>
    /// How many iterations the slowest rank is behind the fastest. 0 or 1 if every iteration has a collective; only loops without one can drift
    /// further apart.
    /// </summary>
    [Id(17)] public long RanksApart { get; init; }

    /// <summary>
    /// The missing shards without which the job cannot continue; null unless they are the reason for the phase <see cref="JobPhase.Failed"/>.
    /// </summary>
    [Id(18)] public MissingShards? Missing { get; init; }

    /// <summary>The missing machines, and what is being done about each; empty if none is missing or no machine operator is configured.</summary>
    [Id(50)] public ImmutableArray<MachineRequest> MachineRequests { get; init; } = [];

    /// <summary>How many hosts the job can lose now, and for how long it could not lose one.</summary>
    [Id(30)] public Redundancy Redundancy { get; init; } = new();

    /// <summary>The newest copies that hosts found bad, each with its host and reason.</summary>
    [Id(31)] public ImmutableArray<QuarantinedCopy> Quarantined { get; init; } = [];

    /// <summary>How well the placement protects the job.</summary>
    [Id(40)] public PlacementStatus Placement { get; init; } = new();

    /// <summary>
    /// Hosts that slow the other hosts down ("host-2, 2.3x the median"); null if none does. For information only: the root agent does nothing about
    /// them.
    /// </summary>
    [Id(20)] public string? Slow { get; init; }
}
