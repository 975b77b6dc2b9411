using System.Collections.Immutable;
using Gemini.Interfaces;

namespace Gemini.Grains.Scheduling;

/// <summary>
/// What replicas cost: by which share an iteration in which replicas are sent takes longer than an iteration in which none are sent (a baseline).
/// </summary>
/// <remarks>
/// Immutable. The time of an iteration often varies by more than replicas cost, and it changes while a job runs. So a baseline is compared only with
/// the iterations around it. The two medians are a pair, and the cost is the median of the newest pairs.
/// </remarks>
public sealed record TrafficCost
{
    /// <summary>How many iterations before a baseline, and after it, it is compared with.</summary>
    public const int Reach = 4;

    /// <summary>With fewer pairs, the cost is not known.</summary>
    public const int PairsMin = 3;

    /// <summary>How many pairs are kept.</summary>
    public const int PairsMax = 8;

    private ImmutableArray<(TimeSpan Duration, bool IsBaseline)> _newest = [];

    /// <summary>The newest pairs, the oldest first: 0.004 is an iteration that took 0.4 % longer than its baseline.</summary>
    public ImmutableArray<double> Pairs { get; private init; } = [];

    /// <summary>The share of an iteration that replicas cost. Below 0 if other causes are greater. Null: not known yet.</summary>
    public double? Share => Pairs.Length < PairsMin ? null : Median.Of(Pairs);

    /// <summary>The cost with one more iteration.</summary>
    /// <param name="duration">How long it took. Above 0.</param>
    /// <param name="isBaseline">Whether no replica was sent in it.</param>
    public TrafficCost With(TimeSpan duration, bool isBaseline)
    {
        ImmutableArray<(TimeSpan Duration, bool IsBaseline)> newest = [.. _newest.TakeLast(2 * Reach), (duration, isBaseline)];
        if (newest.Length <= 2 * Reach || !newest[Reach].IsBaseline || newest.All(iteration => iteration.IsBaseline)) return this with { _newest = newest };
        var lookup = newest.ToLookup(iteration => iteration.IsBaseline, iteration => (double)iteration.Duration.Ticks);
        return this with { _newest = [], Pairs = [.. Pairs.TakeLast(PairsMax - 1), (Median.Of(lookup[false]) / Median.Of(lookup[true])) - 1] };
    }

    /// <summary>Training was interrupted: what comes is not beside what was.</summary>
    public TrafficCost Interrupted() => this with { _newest = [] };
}
