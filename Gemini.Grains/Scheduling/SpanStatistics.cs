namespace Gemini.Grains.Scheduling;

/// <summary>One idle span over the profiled iterations.</summary>
/// <param name="Mean">Mean length.</param>
/// <param name="Shortest">Shortest length.</param>
/// <param name="Spread">Standard deviation divided by the mean; 0 if the span is always empty. The paper measured below 0.1 (§5.4).</param>
/// <param name="ShortestUse">The shortest use of the network between this span and the next one. Zero for an iteration's last span.</param>
public readonly record struct SpanStatistics(TimeSpan Mean, TimeSpan Shortest, double Spread, TimeSpan ShortestUse)
{
    /// <summary>How much of the span is used: μ · mean (paper §5.3).</summary>
    /// <param name="safety">μ.</param>
    public TimeSpan Usable(double safety) => Mean * safety;
}
