namespace Gemini.Grains.Scheduling;

/// <summary>The length of one idle span over the profiled iterations.</summary>
/// <param name="Mean">Mean length.</param>
/// <param name="Shortest">Shortest length.</param>
/// <param name="Spread">Standard deviation divided by the mean; 0 if the span is always empty. The paper measured below 0.1 (§5.4).</param>
public readonly record struct SpanStatistics(TimeSpan Mean, TimeSpan Shortest, double Spread);
