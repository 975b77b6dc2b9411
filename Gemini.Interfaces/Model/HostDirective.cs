using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>
/// What should be, on one host: the root agent's word to a worker agent. Like a report it is complete and idempotent;
/// the host compares it with what is and closes the gap.
/// </summary>
[GenerateSerializer, Immutable, Alias("gemini.HostDirective")]
public sealed record HostDirective
{
    [Id(0)] public required DirectiveVersion Version { get; init; }

    /// <summary>The host's position in the job; null for a standby.</summary>
    [Id(1)] public HostPosition? Position { get; init; }

    /// <summary>The snapshot to resume from; null for a fresh start. Set from <see cref="DirectiveStep.Prepare"/> on.</summary>
    [Id(2)] public SnapshotId? Restore { get; init; }

    /// <summary>Shards whose owner trains on this host. Set from <see cref="DirectiveStep.Prepare"/> on.</summary>
    [Id(3)] public ImmutableArray<ShardDirective> Own { get; init; } = [];

    /// <summary>Shards held for other hosts. Set from <see cref="DirectiveStep.Prepare"/> on.</summary>
    [Id(4)] public ImmutableArray<ShardDirective> Held { get; init; } = [];

    /// <summary>Data endpoint of every host that matters to this directive.</summary>
    [Id(5)] public ImmutableDictionary<HostName, string> DataEndpoints { get; init; } = ImmutableDictionary<HostName, string>.Empty;

    /// <summary>Ring endpoints by rank. Set from <see cref="DirectiveStep.Run"/> on.</summary>
    [Id(6)] public ImmutableArray<string> RingEndpoints { get; init; } = [];

    /// <summary>The run of the job: copies of another one are set aside. Unknown before the first epoch.</summary>
    [Id(50)] public JobRun Run { get; init; }

    /// <summary>
    /// The silo process that is meant, by <see cref="HostReport.Incarnation"/>; another one of the same host name ignores the
    /// directive. 0: whichever gets it.
    /// </summary>
    [Id(51)] public long Incarnation { get; init; }

    /// <summary>The newest committed iteration when the directive was made.</summary>
    [Id(7)] public Iteration Committed { get; init; }

    /// <summary>The newest iteration of this epoch that some rank skipped; zero when none was.</summary>
    [Id(8)] public Iteration Abandoned { get; init; }

    /// <summary>What is to be brought to persistent storage in the background; null: nothing. It belongs to no step.</summary>
    [Id(9)] public PersistDirective? Persist { get; init; }

    /// <summary>The newest snapshot that is complete in persistent storage; null when none is known.</summary>
    [Id(10)] public SnapshotId? Persisted { get; init; }

    /// <summary>
    /// Copies to take in while the job waits for a machine. Only in <see cref="DirectiveStep.Halt"/>, and not ordered by the
    /// version: the newest word counts, and what is here already is not given up when it is no longer named.
    /// </summary>
    [Id(30)] public ImmutableArray<GuestCopy> Guests { get; init; } = [];

    /// <summary>
    /// Owners of shards that the host holds besides its position's, and from which another host may fetch its copy. The
    /// host keeps them until <see cref="DirectiveStep.Run"/>; any other shard may make room for the position's. Set in
    /// <see cref="DirectiveStep.Prepare"/>.
    /// </summary>
    [Id(31)] public ImmutableArray<Rank> Kept { get; init; } = [];

    /// <summary>The host may leave. Not ordered by the version: the newest word counts. Null: it stays.</summary>
    [Id(32)] public LeaveDirective? Leave { get; init; }
}
