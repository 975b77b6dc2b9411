namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>What the control plane of a job of one size costs in processes.</summary>
/// <param name="Hosts">N.</param>
/// <param name="Seconds">So long it was measured.</param>
/// <param name="FormingMilliseconds">From the hosts' start until all train.</param>
/// <param name="CommitMilliseconds">For each iteration, from the arrival of its last copy until the last host knew of the commit.</param>
/// <param name="Root">Used by the silo of the root agent.</param>
/// <param name="Groups">Used by the silo of the checkpoint groups.</param>
/// <param name="Workers">Used by the silos of the hosts, together.</param>
/// <param name="Idle">Used by all silos in as much time, before the hosts were started.</param>
/// <param name="RootIdle">By the silo of the root agent of that.</param>
internal sealed record ClusterSample(
    int Hosts, double Seconds, double FormingMilliseconds, double[] CommitMilliseconds, SiloUsage Root, SiloUsage Groups, SiloUsage Workers, SiloUsage Idle,
    SiloUsage RootIdle)
{
    /// <summary>Used by all silos.</summary>
    public SiloUsage All => Root + Groups + Workers;

    /// <summary>For each host and iteration.</summary>
    public double PerHost(double total) => total / (Hosts * Seconds / PlayedTraining.Period.TotalSeconds);
}
