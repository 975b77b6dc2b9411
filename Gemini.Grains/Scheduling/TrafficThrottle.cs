namespace Gemini.Grains.Scheduling;

/// <summary>How far a host holds its replicas back, because they slow training by more than is tolerated.</summary>
/// <remarks>
/// The first levels use less of the idle time. So a checkpoint takes more iterations, and checkpoints become rarer. Only the last levels also lower the
/// rate at which replicas are sent. A host changes by one level at a time, and then measures anew.
/// </remarks>
/// <param name="Level">0, nothing is held back, to <see cref="LevelMax"/>.</param>
public readonly record struct TrafficThrottle(int Level)
{
    /// <summary>An eighth of the idle time, at a quarter of the rate.</summary>
    public const int LevelMax = SpanLevels + RateLevels;

    /// <summary>
    /// How many of the newest <see cref="TrafficCost.PairsMax"/> pairs have to say that replicas cost too much. By chance alone, seven of eight hardly
    /// do.
    /// </summary>
    public const int SlowPairsMin = 7;

    private const int SpanLevels = 3;
    private const int RateLevels = 2;

    /// <summary>The share of the usable idle time that is used.</summary>
    public double SpanShare => 1.0 / (1 << Math.Min(Level, SpanLevels));

    /// <summary>The share of a path's rate at which replicas are sent.</summary>
    public double RateShare => 1.0 / (1 << Math.Max(0, Level - SpanLevels));

    /// <summary>What follows from the cost that was measured with this throttle.</summary>
    /// <param name="cost">The cost.</param>
    /// <param name="tolerance">ε, the share of an iteration that replicas may cost.</param>
    public TrafficThrottle Next(TrafficCost cost, double tolerance)
    {
        if (cost.Pairs.Length < TrafficCost.PairsMax) return this;
        if (Level < LevelMax && cost.Pairs.Count(pair => pair > tolerance) >= SlowPairsMin) return new TrafficThrottle(Level + 1);
        return Level > 0 && cost.Share <= tolerance / 2 ? new TrafficThrottle(Level - 1) : this;
    }
}
