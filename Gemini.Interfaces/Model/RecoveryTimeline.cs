using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>
/// One recovery: what happened when. All times are Unix milliseconds of the root agent's clock, except <see cref="FailedAt"/>: that is the failing
/// host's own time if the host could still report it. The phases are the intervals between these times. They have the same names everywhere: detect,
/// decide, replace, fetch, load, resume.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.RecoveryTimeline")]
public sealed record RecoveryTimeline
{
    [Id(0)] public required Epoch Epoch { get; init; }

    /// <summary>
    /// Why the recovery began: the reason of the first attempt, and after more than one attempt also that of the newest. Bounded in length.
    /// </summary>
    [Id(1)] public required string Reason { get; init; }

    [Id(2)] public required FailureKind Kind { get; init; }

    /// <summary>The hosts that failed, or whose trainers did.</summary>
    [Id(3)] public ImmutableArray<HostName> Hosts { get; init; } = [];

    /// <summary>The newest iteration that any rank had finished.</summary>
    [Id(4)] public Iteration ReachedIteration { get; init; }

    /// <summary>The iteration that the job resumed from; zero: from the beginning.</summary>
    [Id(5)] public Iteration ResumedIteration { get; init; }

    /// <summary>The furthest source that any rank needed.</summary>
    [Id(6)] public CopySource Source { get; init; }

    [Id(7)] public long FailedAt { get; init; }

    /// <summary>The root agent had enough evidence: end of <b>detect</b>.</summary>
    [Id(8)] public long DetectedAt { get; init; }

    /// <summary>All hosts had stopped and reported what they hold: end of <b>decide</b>.</summary>
    [Id(9)] public long DecidedAt { get; init; }

    /// <summary>Every position had a host and a plan was made: end of <b>replace</b>.</summary>
    [Id(10)] public long ReplacedAt { get; init; }

    /// <summary>Every host had its copies verified and its trainers connected: end of <b>fetch</b>.</summary>
    [Id(11)] public long FetchedAt { get; init; }

    /// <summary>Every trainer had loaded: end of <b>load</b>.</summary>
    [Id(12)] public long LoadedAt { get; init; }

    /// <summary>Every trainer had finished its first iteration: end of <b>resume</b>.</summary>
    [Id(13)] public long ResumedAt { get; init; }

    /// <summary>When every shard had its m copies on present hosts again, guest copies included; zero until then, and if no shard lost a copy.</summary>
    [Id(30)] public long RedundantAt { get; init; }

    /// <summary>
    /// Milliseconds, from the start of the recovery until <see cref="RedundantAt"/>, in which one more loss could have lost the state in memory.
    /// </summary>
    [Id(31)] public long ExposedMilliseconds { get; init; }

    /// <summary>From where each rank got its state, by rank. Only for the newest recoveries, and only once they have resumed; otherwise empty.</summary>
    [Id(40)] public ImmutableArray<RankRestore> Ranks { get; init; } = [];

    /// <summary>Bytes fetched from peers and from storage, over all ranks.</summary>
    [Id(41)] public long FetchedBytes { get; init; }

    /// <summary>How many epochs the recovery has needed so far: more than 1 if an attempt failed before the job trained again.</summary>
    [Id(50)] public int Attempts { get; init; } = 1;

    /// <summary>The reason of the first attempt. <see cref="Reason"/> joins it with the reason of the newest attempt.</summary>
    [Id(51)] public string FirstReason { get; init; } = "";

    /// <summary>Finished iterations that must be trained again.</summary>
    public long IterationsLost => Math.Max(0, ReachedIteration.Value - ResumedIteration.Value);
}
