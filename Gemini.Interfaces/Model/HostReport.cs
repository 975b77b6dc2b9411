using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>
/// What is, on one host: the complete answer of a worker agent to the root agent. Reports carry whole state and not
/// changes, so a lost, late or doubled one does no harm, and a new root agent knows all it needs after one of each host.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.HostReport")]
public sealed record HostReport
{
    [Id(0)] public required HostName Host { get; init; }

    /// <summary>Identifies the silo process, by its Orleans generation: a later process of the same host has a greater one.</summary>
    [Id(1)] public required long Incarnation { get; init; }

    /// <summary>Grows with every report of one incarnation; an older one is ignored.</summary>
    [Id(2)] public required long Sequence { get; init; }

    /// <summary><see cref="JobSpec.Fingerprint"/> of the host's configuration.</summary>
    [Id(3)] public required string SpecFingerprint { get; init; }

    /// <summary>"address:port" of the host's data port.</summary>
    [Id(4)] public required string DataEndpoint { get; init; }

    /// <summary>"http://address:port" of the host's web page.</summary>
    [Id(5)] public string WebEndpoint { get; init; } = "";

    [Id(6)] public int SiloProcessId { get; init; }

    /// <summary>The newest directive the host has carried out completely.</summary>
    [Id(7)] public DirectiveVersion Done { get; init; }

    /// <summary>Why the newest directive cannot be carried out, naming the fix; null when nothing is wrong.</summary>
    [Id(8)] public string? Problem { get; init; }

    /// <summary>
    /// The directive that cannot be carried out because a copy it named failed its check or could not be fetched. The
    /// replicas in this report are without the bad ones, so a new plan takes others.
    /// </summary>
    [Id(13)] public DirectiveVersion NeedsNewPlan { get; init; }

    /// <summary>The host's trainers by local index.</summary>
    [Id(9)] public ImmutableArray<TrainerReport> Trainers { get; init; } = [];

    /// <summary>Every sealed replica in the host's memory, own and held for others, that has not failed a check.</summary>
    [Id(10)] public ImmutableArray<Replica> Replicas { get; init; } = [];

    /// <summary>The run of which <see cref="Replicas"/> are; unknown if the host has none and was not told.</summary>
    [Id(50)] public JobRun Run { get; init; }

    /// <summary>Sealed copies on this host that are not of <see cref="Run"/>: kept, and never used.</summary>
    [Id(51)] public ImmutableArray<LeftoverCopies> Leftovers { get; init; } = [];

    /// <summary>The position that the newest directive gave this host; null if none did since the silo process started.</summary>
    [Id(52)] public HostPosition? Position { get; init; }

    /// <summary>
    /// The host's own specification, while it was given no directive of an epoch: what the job is, if nobody has a record, and what
    /// differs, if the host is refused. Null later.
    /// </summary>
    [Id(53)] public JobSpec? Spec { get; init; }

    /// <summary>The newest iteration this host was told is committed.</summary>
    [Id(11)] public Iteration Committed { get; init; }

    /// <summary>Bytes of host memory in use by segments.</summary>
    [Id(12)] public long MemoryBytes { get; init; }

    /// <summary>How far the host is with the snapshot that is being persisted; null when none is.</summary>
    [Id(14)] public PersistReport? Persist { get; init; }

    /// <summary>What the host sees in persistent storage; null in a job without.</summary>
    [Id(15)] public StoreReport? Store { get; init; }

    /// <summary>The newest copies that this silo process found bad, at most 16; they are in no inventory any more.</summary>
    [Id(30)] public ImmutableArray<QuarantinedCopy> Quarantined { get; init; } = [];

    /// <summary>How many copies this silo process ever found bad.</summary>
    [Id(31)] public int QuarantinedCount { get; init; }

    /// <summary>What the background scrub of this silo process did.</summary>
    [Id(32)] public ScrubReport Scrub { get; init; } = new();

    /// <summary>What its silo process has sent and received so far.</summary>
    [Id(55)] public TransferReport Transfers { get; init; } = new();

    /// <summary>Owners whose shards this host could not take in as a guest in this epoch: no room, or no source had a good copy.</summary>
    [Id(33)] public ImmutableArray<Rank> GuestsRefused { get; init; } = [];

    /// <summary>What the host's own configuration says about where it stands; what the job's says comes first.</summary>
    [Id(40)] public ImmutableArray<HostLabel> Labels { get; init; } = [];

    /// <summary>How the host's own ranks came by their state in the newest epoch.</summary>
    [Id(41)] public ImmutableArray<RankRestore> Restored { get; init; } = [];

    /// <summary>Holders that this host cannot bring its own shards to at present, by owner and holder.</summary>
    [Id(42)] public ImmutableArray<ReplicationProblem> ReplicationProblems { get; init; } = [];

    /// <summary>
    /// What endangers the copies in this host's memory and who can help, such as segment files that somebody deleted; null when
    /// nothing does. Stays after the host has repaired the damage, because the cause is still there.
    /// </summary>
    [Id(43)] public string? MemoryWarning { get; init; }

    /// <summary>
    /// That a trainer is killed again and again before its first step, and what to look at; null when none is. No <see cref="Problem"/>: it
    /// proves nothing against host and trainer.
    /// </summary>
    [Id(54)] public string? TrainerWarning { get; init; }

    /// <summary>
    /// Bytes of segments that the host can hold in all: its configured limit, or what its file system has left besides
    /// the segments that exist, whichever is less. Null when the host does not say.
    /// </summary>
    [Id(44)] public long? RoomBytes { get; init; }

    /// <summary>
    /// Why the directive of <see cref="NeedsNewPlan"/> cannot be carried out, for people: which copy, which source,
    /// what happened.
    /// </summary>
    [Id(45)] public string NewPlanReason { get; init; } = "";

    /// <summary>The host was told to stop. It does its part until a directive says that it may leave, or its own limit is over.</summary>
    [Id(46)] public bool IsLeaving { get; init; }

    /// <summary>The newest epoch that this silo process was told of, whether or not it has done anything for it: it follows no earlier one.</summary>
    [Id(47)] public Epoch Fence { get; init; }
}
