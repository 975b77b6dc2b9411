using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Commit;

/// <summary>The input from which a <see cref="CommitRecord"/> is made.</summary>
public sealed record CommitObservation
{
    public required JobSpec Job { get; init; }

    public required PlacementPlan Plan { get; init; }

    public required Epoch Epoch { get; init; }

    public Iteration Captured { get; init; }

    /// <summary>The newest committed iteration; zero before the first commit.</summary>
    public Iteration Committed { get; init; }

    /// <summary>The committed snapshot's shards by rank, as the groups reported them; empty while only its iteration is known.</summary>
    public ImmutableArray<Replica> Shards { get; init; } = [];

    public SnapshotId? Persisted { get; init; }

    /// <summary>The host at each position; null if there is none.</summary>
    public ImmutableArray<HostName?> Assignment { get; init; } = [];

    /// <summary>For each present host: its labels as text, and the sealed copies in its newest report.</summary>
    public ImmutableArray<(HostName Host, string Domain, ImmutableArray<Replica> Replicas)> Live { get; init; } = [];

    /// <summary>The ledger of each group; null for a group that did not answer.</summary>
    public ImmutableArray<GroupLedger?> Ledgers { get; init; } = [];
}
