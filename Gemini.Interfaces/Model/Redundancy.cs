using System.Collections.Immutable;

namespace Gemini.Interfaces.Model;

/// <summary>How many hosts the job can lose now, and for how long it could not lose one.</summary>
[GenerateSerializer, Immutable, Alias("gemini.Redundancy")]
public sealed record Redundancy
{
    /// <summary>
    /// For the snapshot that survives the most losses: the number of present hosts that hold a copy of its shard with the fewest copies. Zero: no
    /// snapshot is complete in host memory.
    /// </summary>
    [Id(0)] public int LeastCopies { get; init; }

    /// <summary>The ranks whose shards have exactly <see cref="LeastCopies"/> copies; empty if every shard has its m copies.</summary>
    [Id(1)] public ImmutableArray<Rank> Weakest { get; init; } = [];

    /// <summary>
    /// Losing one more host may lose the state in memory: some shard has a copy on only one present host, or on none. A job with one replica is
    /// always exposed; then the time is not measured. Never true before the first commit, because there is nothing to lose yet.
    /// </summary>
    [Id(2)] public bool Exposed { get; init; }

    /// <summary>Since when the job is exposed, Unix milliseconds; zero while it is not.</summary>
    [Id(3)] public long ExposedSince { get; init; }

    /// <summary>Milliseconds of all exposed intervals that the job's record knows, the running one included.</summary>
    [Id(4)] public long ExposedMilliseconds { get; init; }

    /// <summary>Milliseconds of the longest exposed interval, the running one included.</summary>
    [Id(5)] public long LongestExposedMilliseconds { get; init; }
}
