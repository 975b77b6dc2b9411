using System.Collections.Immutable;
using Gemini.Interfaces;

namespace Gemini.Benchmarks.ControlPlane.Cluster;

/// <summary>The figures of all sizes.</summary>
internal static class ClusterRows
{
    internal const double CommitMillisecondsMax = 250;

    /// <summary>Of one core, by the silo of the root agent, at one iteration a second.</summary>
    internal const double RootPercentMax = 25;

    internal const double FormingSecondsMax = 10;

    /// <summary>A host of the largest job may cost so many times as much as a host of the smallest.</summary>
    internal const double GrowthMax = ControlPlaneRows.GrowthMax;

    /// <param name="samples">By the number of hosts, the smallest first.</param>
    public static IEnumerable<BenchmarkRow> Of(ImmutableArray<ImmutableArray<ClusterSample>> samples)
    {
        var (fewest, smallest) = (samples[0][0].Hosts, samples[0]);
        foreach (var measured in samples)
        {
            var name = $"control-plane/{measured[0].Hosts} in processes";
            BenchmarkRow Row(string metric, string unit, Func<ClusterSample, double> value) => BenchmarkRow.Of(name, metric, unit, measured, value);
            yield return ControlPlaneRows.Bounded(Row("commit", "ms", sample => Median.Of(sample.CommitMilliseconds)), CommitMillisecondsMax);
            yield return Row("commitLongest", "ms", sample => sample.CommitMilliseconds.Max());
            yield return ControlPlaneRows.Bounded(Row("forming", "s", sample => sample.FormingMilliseconds / 1000), FormingSecondsMax);
            yield return ControlPlaneRows.Bounded(Row("rootCore", "%", sample => Percent(sample.Root, sample)), RootPercentMax);
            yield return Row("rootCoreIdle", "%", sample => Percent(sample.RootIdle, sample));
            yield return Row("allCores", "%", sample => Percent(sample.All, sample));
            yield return Row("allCoresIdle", "%", sample => Percent(sample.Idle, sample));
            yield return ControlPlaneRows.Compared(Row("cpuPerHost", "us", CpuPerHost), Median.Of(smallest.Select(CpuPerHost)));
            if (measured[0].Hosts > fewest) yield return Row("cpuPerAddedHost", "us", CpuPerAddedHost);
            foreach (var (role, usage) in Roles)
            {
                yield return Row($"{role}Cpu", "us", sample => sample.PerHost(usage(sample).CpuMilliseconds * 1000));
                yield return Row($"{role}Messages", "message", sample => sample.PerHost(usage(sample).Messages));
                yield return Row($"{role}Bytes", "byte", sample => sample.PerHost(usage(sample).Bytes));
            }
        }

        double CpuPerAddedHost(ClusterSample sample) =>
            ((CpuPerHost(sample) * sample.Hosts) - (Median.Of(smallest.Select(CpuPerHost)) * fewest)) / (sample.Hosts - fewest);
    }

    private static readonly (string Role, Func<ClusterSample, SiloUsage> Usage)[] Roles =
    [
        ("root", sample => sample.Root), ("group", sample => sample.Groups), ("worker", sample => sample.Workers),
    ];

    /// <summary>Microseconds for each host and iteration in all silos.</summary>
    private static double CpuPerHost(ClusterSample sample) => sample.PerHost(sample.All.CpuMilliseconds * 1000);

    private static double Percent(SiloUsage usage, ClusterSample sample) => usage.CpuMilliseconds / (sample.Seconds * 10);
}
