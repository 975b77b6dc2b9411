using System.Collections.Immutable;
using Gemini.Interfaces;

namespace Gemini.Benchmarks.Captures;

/// <summary>The figures of one size.</summary>
internal static class CaptureRows
{
    internal const double RateTarget = 0.85;
    internal const double FirstSaveTarget = 0.9;
    internal const double HeldTarget = 1;

    /// <summary>From this size on, a rate is promised. A smaller shard fits the caches, and nobody waits for it.</summary>
    internal const long PromisedBytes = 64L << 20;

    /// <param name="bytes">Size of the shard.</param>
    /// <param name="samples">One for each process.</param>
    public static IEnumerable<BenchmarkRow> Of(long bytes, ImmutableArray<CaptureSample> samples)
    {
        var name = $"capture/{bytes >> 20} MiB";
        var isPromised = bytes >= PromisedBytes;
        yield return Compared(name, "rate", samples, Later, sample => Median.Of(sample.Copies), isPromised ? RateTarget : null);
        yield return Compared(name, "rateToTwoThreads", samples, Later, sample => Median.Of(sample.CopiesByTwo), target: null);
        yield return Compared(name, "firstSave", samples, sample => sample.Saves[0], Later, isPromised ? FirstSaveTarget : null);
        var held = BenchmarkRow.Of(name, "held", "ms", samples, sample => Median.Of(sample.HeldMilliseconds));
        yield return held with { Target = HeldTarget, Met = held.Value <= HeldTarget };
        yield return BenchmarkRow.Of(name, "cpuPerGB", "s", samples, sample => sample.CpuSecondsPerGigabyte);
    }

    private static double Later(CaptureSample sample) => Median.Of(sample.Saves.Skip(1));

    /// <summary>A rate and what it is compared with.</summary>
    private static BenchmarkRow Compared(
        string name, string metric, ImmutableArray<CaptureSample> samples, Func<CaptureSample, double> value, Func<CaptureSample, double> limit,
        double? target)
    {
        var ratio = BenchmarkRow.Round(Median.Of(samples.Select(sample => value(sample) / limit(sample))));
        return BenchmarkRow.Of(name, metric, "GB/s", samples, value) with
        {
            Limit = BenchmarkRow.Round(Median.Of(samples.Select(limit))),
            Ratio = ratio,
            Target = target,
            Met = target is { } least ? ratio >= least : null,
        };
    }
}
