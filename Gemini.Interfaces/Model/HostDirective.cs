using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>
/// The state that one host should reach: a message from the root agent to a worker agent. Like a report, a directive is complete and idempotent. The
/// host compares it with its present state and carries out the difference.
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

    /// <summary>Data endpoint of every host that this directive names, as far as the root agent knows it, by host.</summary>
    [Id(5)] public ImmutableDictionary<HostName, string> DataEndpoints { get; init; } = ImmutableDictionary<HostName, string>.Empty;

    /// <summary>
    /// Ring endpoints by rank. Set from <see cref="DirectiveStep.Run"/> on. Left out for a host that has them already (<see cref="HostReport.RingHash"/>).
    /// </summary>
    [Id(6)] public ImmutableArray<string> RingEndpoints { get; init; } = [];

    /// <summary>The run of the job. The host sets copies of another run aside. Unknown before the first epoch.</summary>
    [Id(50)] public JobRun Run { get; init; }

    /// <summary>
    /// The <see cref="HostReport.Incarnation"/> of the silo process that this directive is for. Another silo process with the same host name ignores
    /// the directive. 0: for any silo process of this host.
    /// </summary>
    [Id(51)] public long Incarnation { get; init; }

    /// <summary>The newest committed iteration when the directive was made.</summary>
    [Id(7)] public Iteration Committed { get; init; }

    /// <summary>The newest iteration of this epoch that some rank skipped; zero when none was.</summary>
    [Id(8)] public Iteration Abandoned { get; init; }

    /// <summary>The snapshot to write to persistent storage in the background; null: none. Independent of the step.</summary>
    [Id(9)] public PersistDirective? Persist { get; init; }

    /// <summary>The newest snapshot that is complete in persistent storage; null when none is known.</summary>
    [Id(10)] public SnapshotId? Persisted { get; init; }

    /// <summary>
    /// Copies to take in while the job waits for a machine. Set only in <see cref="DirectiveStep.Halt"/>. Not ordered by the version: the newest
    /// directive counts. A host does not discard a copy that it holds already when a later directive no longer names it.
    /// </summary>
    [Id(30)] public ImmutableArray<GuestCopy> Guests { get; init; } = [];

    /// <summary>
    /// Owners of shards that the host holds in addition to those of its position, and that other hosts may still fetch from it. The host keeps these
    /// shards until <see cref="DirectiveStep.Run"/>. It may release every other shard to make room for its position's shards. Set from
    /// <see cref="DirectiveStep.Prepare"/> on.
    /// </summary>
    [Id(31)] public ImmutableArray<Rank> Kept { get; init; } = [];

    /// <summary>The host may leave; null: it stays. Not ordered by the version: the newest directive counts.</summary>
    [Id(32)] public LeaveDirective? Leave { get; init; }
}
