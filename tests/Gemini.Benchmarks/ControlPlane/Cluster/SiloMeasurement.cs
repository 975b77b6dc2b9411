namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>What one silo process measured in a span of time.</summary>
/// <param name="Usage">What it used.</param>
/// <param name="CommitMilliseconds">For each iteration, when its last host knew of the commit; see <see cref="PlayedTraining.Latencies"/>.</param>
/// <param name="LastEpoch">The newest epoch that one of its hosts trains in.</param>
internal sealed record SiloMeasurement(SiloUsage Usage, double[] CommitMilliseconds, long LastEpoch);
