using System.Collections.Immutable;

namespace Gemini.Silo.Status;

/// <summary>
/// A job's status as <c>gemini status --json</c> writes it. DESIGN.md in this folder documents every property. This record is separate from the wire
/// types, so that it stays stable when those change: properties are only ever added, and <see cref="Schema"/> grows when a property changes its
/// meaning.
/// </summary>
internal sealed record StatusReport
{
    public int Schema { get; init; } = 2;

    public required string Job { get; init; }

    /// <summary>safe, degraded, recovering or failed.</summary>
    public required string Verdict { get; init; }

    public required string VerdictReason { get; init; }

    public required string Phase { get; init; }

    public required string PhaseReason { get; init; }

    public required long Epoch { get; init; }

    /// <summary>The host on which the root agent runs; null while it is not known.</summary>
    public required string? RootHost { get; init; }

    public required int HostCount { get; init; }

    public required int RanksPerHost { get; init; }

    public required int Replicas { get; init; }

    /// <summary>mixed, group or ring.</summary>
    public required string Placement { get; init; }

    public required ImmutableArray<string> Domains { get; init; }

    public required StatusIterations Iterations { get; init; }

    /// <summary>The shards of the committed snapshot, by rank; empty while they are not known.</summary>
    public required ImmutableArray<StatusShard> Shards { get; init; }

    public required StatusRedundancy Redundancy { get; init; }

    public required ImmutableArray<StatusHost> Hosts { get; init; }

    /// <summary>Machines that are missing and requested.</summary>
    public required ImmutableArray<StatusMachine> Machines { get; init; }

    /// <summary>The newest copies that hosts found bad.</summary>
    public required ImmutableArray<StatusQuarantine> Quarantined { get; init; }

    public required ImmutableArray<StatusRisk> Risk { get; init; }

    /// <summary>What an operator should know, a line each, the most urgent first.</summary>
    public required ImmutableArray<string> Warnings { get; init; }

    /// <summary>Oldest first, the running one last.</summary>
    public required ImmutableArray<StatusRecovery> Recoveries { get; init; }
}
