using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>
/// The present state of one host, complete, from its worker agent to the root agent. A report contains the whole state and not changes, so a lost,
/// late or repeated report does no harm. A new root agent knows everything it needs after one report from each host.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.HostReport")]
public sealed record HostReport
{
    [Id(0)] public required HostName Host { get; init; }

    /// <summary>Identifies the silo process, by its Orleans generation: a later process of the same host has a greater one.</summary>
    [Id(1)] public required long Incarnation { get; init; }

    /// <summary>Grows with every report of one incarnation. The root agent ignores an older report.</summary>
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
    /// The directive that cannot be carried out because a copy that it names failed its check or could not be fetched. The bad copies are not in this
    /// report's replicas, so a new plan uses other copies.
    /// </summary>
    [Id(13)] public DirectiveVersion NeedsNewPlan { get; init; }

    /// <summary>The host's trainers by local index.</summary>
    [Id(9)] public ImmutableArray<TrainerReport> Trainers { get; init; } = [];

    /// <summary>Every sealed replica in the host's memory, own and held for others, that has not failed a check.</summary>
    [Id(10)] public ImmutableArray<Replica> Replicas { get; init; } = [];

    /// <summary>The run that <see cref="Replicas"/> belong to; unknown if the host has no replicas and was not told the run.</summary>
    [Id(50)] public JobRun Run { get; init; }

    /// <summary>Sealed copies on this host that do not belong to <see cref="Run"/>. They are kept and never used.</summary>
    [Id(51)] public ImmutableArray<LeftoverCopies> Leftovers { get; init; } = [];

    /// <summary>The position that the newest directive gave this host; null without one, and before the silo process has its first directive.</summary>
    [Id(52)] public HostPosition? Position { get; init; }

    /// <summary>
    /// The host's own specification, until the host has a directive of an epoch; null later. If no record exists, it tells what the job is. If the
    /// host is refused, it tells what differs.
    /// </summary>
    [Id(53)] public JobSpec? Spec { get; init; }

    /// <summary>The newest iteration that this host knows to be committed.</summary>
    [Id(11)] public Iteration Committed { get; init; }

    /// <summary>Bytes of host memory in use by segments and staging files.</summary>
    [Id(12)] public long MemoryBytes { get; init; }

    /// <summary>
    /// Bytes of the silo process's managed heap, garbage that is not collected yet included. Snapshots are not in it: they are in segments, whatever
    /// their size.
    /// </summary>
    [Id(59)] public long ManagedBytes { get; init; }

    /// <summary>How far the host is with the snapshot that is being persisted; null if no snapshot is being persisted.</summary>
    [Id(14)] public PersistReport? Persist { get; init; }

    /// <summary>What the host sees in persistent storage; null in a job without storage.</summary>
    [Id(15)] public StoreReport? Store { get; init; }

    /// <summary>The newest copies that this silo process found bad, at most 16. They are no longer in any inventory.</summary>
    [Id(30)] public ImmutableArray<QuarantinedCopy> Quarantined { get; init; } = [];

    /// <summary>How many copies this silo process has found bad in all.</summary>
    [Id(31)] public int QuarantinedCount { get; init; }

    /// <summary>What the background scrub of this silo process has done.</summary>
    [Id(32)] public ScrubReport Scrub { get; init; } = new();

    /// <summary>What its silo process has sent and received so far.</summary>
    [Id(55)] public TransferReport Transfers { get; init; } = new();

    /// <summary>The measured paths to the holders of its shards, by holder. Empty in a mode that does not need them.</summary>
    [Id(56)] public ImmutableArray<PathReport> Paths { get; init; } = [];

    /// <summary>How its replicas share the network with training. Null in a mode that does not wait for idle spans, and until the spans are known.</summary>
    [Id(57)] public TrafficReport? Traffic { get; init; }

    /// <summary>Owners whose shards this host could not take in as a guest in this epoch, because it had no room or no source had a good copy.</summary>
    [Id(33)] public ImmutableArray<Rank> GuestsRefused { get; init; } = [];

    /// <summary>The host's location by its own configuration. The job's configuration has priority.</summary>
    [Id(40)] public ImmutableArray<HostLabel> Labels { get; init; } = [];

    /// <summary>From where the host's own ranks got their state in the newest epoch.</summary>
    [Id(41)] public ImmutableArray<RankRestore> Restored { get; init; } = [];

    /// <summary>Holders to which this host cannot send its own shards at present, by owner and holder.</summary>
    [Id(42)] public ImmutableArray<ReplicationProblem> ReplicationProblems { get; init; } = [];

    /// <summary>
    /// What endangers the copies in this host's memory, such as deleted segment files, and who can fix the cause; null if nothing does. The warning
    /// stays after the host has repaired the damage, because the cause still exists.
    /// </summary>
    [Id(43)] public string? MemoryWarning { get; init; }

    /// <summary>
    /// A warning that a trainer is killed again and again before its first step, and what to check; null if none is. It is not a
    /// <see cref="Problem"/>, because it does not prove that the host or the trainer is at fault.
    /// </summary>
    [Id(54)] public string? TrainerWarning { get; init; }

    /// <summary>
    /// Bytes of segments and staging files that the host can hold in all: the smaller of its configured limit and what its file system can hold,
    /// existing files included. Null if the host does not report it.
    /// </summary>
    [Id(44)] public long? RoomBytes { get; init; }

    /// <summary>Why the directive of <see cref="NeedsNewPlan"/> cannot be carried out, for people: the copy, the source, and what happened.</summary>
    [Id(45)] public string NewPlanReason { get; init; } = "";

    /// <summary>The host was told to stop. It keeps working until a directive says that it may leave, or until its own time limit has passed.</summary>
    [Id(46)] public bool IsLeaving { get; init; }

    /// <summary>
    /// The newest epoch that this silo process knows, even if it has done nothing for that epoch yet. It follows no directive of an earlier epoch.
    /// </summary>
    [Id(47)] public Epoch EpochFloor { get; init; }

    /// <summary>
    /// Names the <see cref="HostDirective.RingEndpoints"/> of the newest directive that had any. The root agent does not send them again. 0: the host
    /// has none, or it needs them with every directive, as hosts of earlier versions do.
    /// </summary>
    [Id(58)] public ulong RingHash { get; init; }
}
