using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>How many hosts the job can lose now, and how long it could lose none.</summary>
[GenerateSerializer, Immutable, Alias("gemini.Redundancy")]
public sealed record Redundancy
{
    /// <summary>
    /// Of the snapshot that can stand the most losses: live copies, on different hosts, of the shard that has the fewest. Zero:
    /// no snapshot is whole in host memory.
    /// </summary>
    [Id(0)] public int LeastCopies { get; init; }

    /// <summary>The ranks whose shards have no more copies than that; empty when every shard has its m.</summary>
    [Id(1)] public ImmutableArray<Rank> Weakest { get; init; } = [];

    /// <summary>
    /// One more lost host may cost what is in memory: a shard has a single live copy, or none. Always in a job with one replica,
    /// and then neither measured nor told again; never before the first commit, when there is nothing to lose.
    /// </summary>
    [Id(2)] public bool Exposed { get; init; }

    /// <summary>Since when it is exposed, Unix milliseconds; zero while it is not.</summary>
    [Id(3)] public long ExposedSince { get; init; }

    /// <summary>Milliseconds of all exposed intervals of the job's life that the record knows, the running one included.</summary>
    [Id(4)] public long ExposedMilliseconds { get; init; }

    /// <summary>The longest of them, the running one included.</summary>
    [Id(5)] public long LongestExposedMilliseconds { get; init; }
}
