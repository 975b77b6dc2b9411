namespace Gemini.Grains.Scheduling;

/// <summary>The length of one idle span over the profiled iterations.</summary>
/// <param name="Mean">Mean length.</param>
/// <param name="Shortest">Shortest length.</param>
/// <param name="Spread">Standard deviation divided by the mean; 0 if the span is always empty. The paper measured below 0.1 (§5.4).</param>
public readonly record struct SpanStatistics(TimeSpan Mean, TimeSpan Shortest, double Spread)
{
    /// <summary>
    /// How much of the span is used: (μ − spread) · mean, so one standard deviation less than the paper's μ · mean. An erratic span is hardly used.
    /// </summary>
    /// <param name="safety">μ.</param>
    public TimeSpan Usable(double safety) => Mean * Math.Max(0, safety - Spread);
}
