using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Commit;

/// <summary>What a <see cref="CommitRecord"/> is made of.</summary>
public sealed record CommitObservation
{
    public required JobSpec Job { get; init; }

    public required PlacementPlan Plan { get; init; }

    public required Epoch Epoch { get; init; }

    public Iteration Captured { get; init; }

    /// <summary>The newest committed iteration; zero before the first commit.</summary>
    public Iteration Committed { get; init; }

    /// <summary>Its shards by rank, as the groups said; empty while only the iteration is known.</summary>
    public ImmutableArray<Replica> Shards { get; init; } = [];

    public SnapshotId? Persisted { get; init; }

    /// <summary>The host at each position; null where there is none.</summary>
    public ImmutableArray<HostName?> Assignment { get; init; } = [];

    /// <summary>What every live host said last that it holds, and where it stands.</summary>
    public ImmutableArray<(HostName Host, string Domain, ImmutableArray<Replica> Replicas)> Live { get; init; } = [];

    /// <summary>By group; null for one that did not answer.</summary>
    public ImmutableArray<GroupLedger?> Ledgers { get; init; } = [];
}
