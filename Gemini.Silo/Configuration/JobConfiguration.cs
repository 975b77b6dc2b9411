using System.Collections.Immutable;

namespace Gemini.Silo.Configuration;

/// <summary>What all hosts of a job must agree on; the same text in each host's file.</summary>
public sealed record JobConfiguration
{
    /// <summary>Names the job's records, segments and cluster. Letters, digits, '-', '_' and '.'; at most 63.</summary>
    public string Name { get; init; } = "";

    /// <summary>The hosts that take the positions 0 to N-1 at the first start. A host with another name is a standby.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>
    /// The standbys that the job wants alive besides; with "machines", one that is missing is asked for like a host of
    /// <see cref="Hosts"/>. Default: none.
    /// </summary>
    public ImmutableArray<string> Standbys { get; init; } = [];

    /// <summary>Trainers per host, one per accelerator. At least 1. Default: 1.</summary>
    public int RanksPerHost { get; init; } = 1;

    /// <summary>Copies of every shard in host memory, the owner's own included. 1 to the number of hosts. Default: 2.</summary>
    public int Replicas { get; init; } = 2;
}
