using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>The answer to "where am I safe?".</summary>
[GenerateSerializer, Immutable, Alias("gemini.JobStatus")]
public sealed record JobStatus
{
    [Id(0)] public required JobSpec Job { get; init; }

    [Id(1)] public required JobPhase Phase { get; init; }

    /// <summary>Why the job is in this phase, or what it waits for.</summary>
    [Id(2)] public required string Reason { get; init; }

    [Id(3)] public Epoch Epoch { get; init; }

    /// <summary>
    /// The newest iteration that every rank is known to have finished. While a failure is dealt with it stands where it was; when the job runs
    /// again it is where that goes on from. Never less than <see cref="Captured"/>.
    /// </summary>
    [Id(4)] public Iteration Trained { get; init; }

    /// <summary>
    /// The newest iteration of which every shard is known to have been sealed in its own host's memory. Never less than <see cref="Committed"/>.
    /// </summary>
    [Id(5)] public Iteration Captured { get; init; }

    /// <summary>The newest iteration of which every shard has its m replicas.</summary>
    [Id(6)] public Iteration Committed { get; init; }

    /// <summary>How far, at most, the committed iteration was behind the trained one since something was committed in this root agent's life.</summary>
    [Id(7)] public long CommittedLagMax { get; init; }

    /// <summary>Hash of every shard of the newest committed iteration, by rank; empty before the first commit.</summary>
    [Id(8)] public ImmutableArray<ContentHash> CommittedHashes { get; init; } = [];

    /// <summary>Median duration of an iteration in milliseconds, over the newest ones of this root agent's life.</summary>
    [Id(9)] public double IterationMillisecondsMedian { get; init; }

    [Id(10)] public ImmutableArray<HostStatus> Hosts { get; init; } = [];

    /// <summary>The recoveries so far, oldest first, the running one last.</summary>
    [Id(11)] public ImmutableArray<RecoveryTimeline> Recoveries { get; init; } = [];

    /// <summary>The silo on which the root agent runs.</summary>
    [Id(12)] public HostName RootHost { get; init; }

    /// <summary>The iteration of the newest snapshot that is complete in persistent storage; zero when none is known.</summary>
    [Id(13)] public Iteration Persisted { get; init; }

    /// <summary>What keeps snapshots from persistent storage, or is wrong with those there; null when nothing is.</summary>
    [Id(14)] public string? StorageProblem { get; init; }

    /// <summary>For how many milliseconds nothing was committed while the job trained; 0 in any phase but Running.</summary>
    [Id(15)] public long CommitSilenceMilliseconds { get; init; }

    /// <summary>How many iterations the trainers let pass from one save to the next; 0 while that is not known.</summary>
    [Id(16)] public long SaveInterval { get; init; }

    /// <summary>
    /// How many iterations the slowest rank is behind the fastest. 0 or 1 when they run in step; only loops without a collective in every iteration do not.
    /// </summary>
    [Id(17)] public long RanksApart { get; init; }

    /// <summary>For lack of which shards the job cannot go on; null unless that is why its phase is <see cref="JobPhase.Failed"/>.</summary>
    [Id(18)] public MissingShards? Missing { get; init; }

    /// <summary>The machines that are missing, and what is being done about each; empty when none is or nobody can be asked.</summary>
    [Id(50)] public ImmutableArray<MachineRequest> MachineRequests { get; init; } = [];

    /// <summary>How many hosts the job can lose now, and how long it could lose none.</summary>
    [Id(30)] public Redundancy Redundancy { get; init; } = new();

    /// <summary>The newest copies that hosts found bad, each with its host and reason.</summary>
    [Id(31)] public ImmutableArray<QuarantinedCopy> Quarantined { get; init; } = [];

    /// <summary>What the placement is worth.</summary>
    [Id(40)] public PlacementStatus Placement { get; init; } = new();

    /// <summary>Hosts that hold the others up ("host-2, 2.3x the median"); null when none does. Nothing is done about them.</summary>
    [Id(20)] public string? Slow { get; init; }
}
