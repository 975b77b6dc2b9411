using System.Collections.Immutable;

namespace Gemini.Grains.Scheduling;

/// <summary>Whether the replicas of a checkpoint fit into the idle time of an iteration, as the newest profile tells.</summary>
/// <param name="Idle">How much idle time of an iteration is used at most.</param>
/// <param name="Needed">How long the replicas of one checkpoint use the network.</param>
/// <param name="Interval">n: every n-th iteration gets a checkpoint. 1: each.</param>
public readonly record struct TrafficOutlook(TimeSpan Idle, TimeSpan Needed, int Interval)
{
    /// <summary>In how many parts a plan cuts a checkpoint at most: fine enough for a fraction of a percent.</summary>
    private const int ChunksMax = 1000;

    /// <summary>What a plan made now says.</summary>
    /// <param name="spans">The idle spans of an iteration. Not empty.</param>
    /// <param name="iteration">The time of an iteration. Above 0.</param>
    /// <param name="bytes">What the host sends for one checkpoint, to all holders together. Not negative.</param>
    /// <param name="rate">How fast the path is.</param>
    /// <param name="safety">μ, the share of each span that is used.</param>
    /// <param name="tolerance">ε, the share of an iteration by which replicas may make it longer.</param>
    public static TrafficOutlook Of(
        ImmutableArray<SpanStatistics> spans, TimeSpan iteration, long bytes, NetworkRate rate, double safety, double tolerance)
    {
        // Two replicas: one that stays here, and one that is sent. Its size is that of all that is sent.
        var demand = new TrafficDemand(bytes, Replicas: 2, (int)Math.Clamp(bytes / ChunksMax, 1, int.MaxValue), safety);
        var plan = TrafficPlanner.Plan([.. spans.Select(span => span.Mean)], demand, rate);
        var needed = new TimeSpan(plan.Chunks.Sum(chunk => rate.TimeOf(chunk.Bytes).Ticks));
        var idle = new TimeSpan(spans.Sum(span => span.Usable(safety).Ticks));
        var fits = plan.Overrun <= iteration * tolerance;
        return new TrafficOutlook(idle, needed, fits ? 1 : CheckpointInterval.Of(needed, idle, iteration, tolerance));
    }
}
