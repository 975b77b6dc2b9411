using System.Collections.Immutable;
using Gemini.Interfaces;

namespace Gemini.Benchmarks.ControlPlane;

/// <summary>The figures of all sizes.</summary>
internal static class ControlPlaneRows
{
    internal const double ReportMicrosecondsMax = 20;
    internal const double ReportBytesMax = 2048;
    internal const double PlanMillisecondsMax = 20;

    /// <summary>A host of the largest job may cost so many times as much as a host of the smallest.</summary>
    internal const double GrowthMax = 1.5;

    /// <param name="samples">By the number of hosts, the smallest first.</param>
    public static IEnumerable<BenchmarkRow> Of(ImmutableArray<(int Hosts, ImmutableArray<ControlPlaneSample> Samples)> samples)
    {
        var smallest = samples[0].Samples;
        foreach (var (hosts, measured) in samples)
        {
            var name = $"control-plane/{hosts}";
            yield return Bounded(BenchmarkRow.Of(name, "report", "us", measured, sample => sample.ReportMicroseconds), ReportMicrosecondsMax);
            yield return Bounded(BenchmarkRow.Of(name, "reportBytes", "byte", measured, sample => sample.ReportBytes), ReportBytesMax);
            yield return Compared(BenchmarkRow.Of(name, "iterationPerHost", "us", measured, Iteration), Median.Of(smallest.Select(Iteration)));
            yield return BenchmarkRow.Of(name, "iterationBytesPerHost", "byte", measured, sample => sample.IterationBytes);
            yield return BenchmarkRow.Of(name, "groupComplete", "us", measured, sample => sample.CommitMicroseconds);
            yield return Bounded(BenchmarkRow.Of(name, "recoveryPlan", "ms", measured, sample => sample.RecoveryPlanMilliseconds), PlanMillisecondsMax);
            yield return BenchmarkRow.Of(name, "recovery", "ms", measured, sample => sample.RecoveryMilliseconds);
            yield return BenchmarkRow.Of(name, "forming", "ms", measured, sample => sample.FormingMilliseconds);
            yield return BenchmarkRow.Of(name, "placement", "ms", measured, sample => sample.PlacementMilliseconds);
            yield return BenchmarkRow.Of(name, "status", "ms", measured, sample => sample.StatusMilliseconds);
        }
    }

    private static double Iteration(ControlPlaneSample sample) => sample.IterationMicroseconds;

    internal static BenchmarkRow Bounded(BenchmarkRow row, double most) => row with { Target = most, Met = row.Value <= most };

    internal static BenchmarkRow Compared(BenchmarkRow row, double limit)
    {
        var ratio = BenchmarkRow.Round(row.Value / limit);
        return row with { Limit = BenchmarkRow.Round(limit), Ratio = ratio, Target = GrowthMax, Met = ratio <= GrowthMax };
    }
}
