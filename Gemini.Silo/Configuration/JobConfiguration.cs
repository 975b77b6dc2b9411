using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Configuration;

/// <summary>What all hosts of a job must agree on; the same text in each host's file.</summary>
public sealed record JobConfiguration
{
    /// <summary>Names the job's records, segments and cluster. Letters, digits, '-', '_' and '.'; at most 63.</summary>
    public string Name { get; init; } = "";

    /// <summary>The hosts that take the positions 0 to N-1 at the first start. A host with another name is a standby.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>
    /// Further hosts that the job wants present as standbys. With "machines", a missing standby is requested like a host of <see cref="Hosts"/>.
    /// Default: none.
    /// </summary>
    public ImmutableArray<string> Standbys { get; init; } = [];

    /// <summary>Trainers per host, one per accelerator. At least 1. Default: 1.</summary>
    public int RanksPerHost { get; init; } = 1;

    /// <summary>Copies of every shard in host memory, the owner's own included. 1 to the number of hosts. Default: 2.</summary>
    public int Replicas { get; init; } = 2;

    /// <summary>Which hosts hold whose copies: "mixed", "group" (replicas must divide the number of hosts) or "ring". Default: "mixed".</summary>
    public string Placement { get; init; } = "mixed";

    /// <summary>
    /// What the job does with its checkpoints: "gemini" or "marked"; or, for comparison, "naive", "unpipelined", "blocking", "none", and the paper's
    /// baselines "strawman" and "highFreq", which need "storage" and recover from it alone; use 1 replica with these. Default: "gemini".
    /// </summary>
    public CheckpointMode CheckpointMode { get; init; } = CheckpointPolicy.DefaultMode;

    /// <summary>
    /// In a mode that sends replicas in idle spans, about every how many iterations one gets no checkpoint. Such iterations show what checkpoints cost,
    /// in the status, and hosts hold replicas back if they cost too much. 0, never, or 10 to 1,000,000. Default: 50.
    /// </summary>
    public int BaselineInterval { get; init; } = 50;

    /// <summary>Names of labels, the most important first. As far as possible, a shard's copies are on hosts with different values. Default: none.</summary>
    public ImmutableArray<string> Domains { get; init; } = [];

    /// <summary>Where hosts stand: host → name → value, such as "host-a": { "rack": "r1", "power": "left" }. Standbys may be included.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> Labels { get; init; } =
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>>.Empty;

    /// <exception cref="BadInputException">There is no such placement. The validator gives a better message.</exception>
    public ReplicaPlacement ToPlacement() => Placement switch
    {
        "mixed" => ReplicaPlacement.Mixed,
        "group" => ReplicaPlacement.Group,
        "ring" => ReplicaPlacement.Ring,
        _ => throw new BadInputException($"job.placement is \"{Placement}\""),
    };
}
