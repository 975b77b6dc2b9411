using System.Collections.Immutable;
using Gemini.Interfaces;

namespace Gemini.Benchmarks.Transfers;

/// <summary>The figures of <c>replicate</c> and <c>fetch</c>.</summary>
internal static class TransferRows
{
    internal const double ReplicateTarget = 0.92;
    internal const double FirstTarget = 0.8;
    internal const double FetchTarget = 0.9;
    internal const double LoadTarget = 0.85;

    /// <summary>From this size on, a rate is promised. For less, the answer of the peer takes a part of the time, and nobody waits for it.</summary>
    internal const long PromisedBytes = 64L << 20;

    /// <param name="name">The case.</param>
    /// <param name="bytes">What each peer gets.</param>
    /// <param name="samples">One for each process.</param>
    public static IEnumerable<BenchmarkRow> OfReplicate(string name, long bytes, ImmutableArray<ReplicateSample> samples)
    {
        var isPromised = bytes >= PromisedBytes;
        yield return Compared(
            name, "rate", samples, sample => Later(sample.Transfers), sample => Later(sample.Raw), isPromised ? ReplicateTarget : null);
        yield return Compared(
            name, "first", samples, sample => sample.Transfers[0], sample => Later(sample.Transfers), isPromised ? FirstTarget : null);
        yield return BenchmarkRow.Of(name, "cpuPerGB", "s", samples, sample => sample.CpuSecondsPerGigabyte) with
        {
            Limit = BenchmarkRow.Round(Median.Of(samples.Select(sample => sample.RawCpuSecondsPerGigabyte))),
        };
    }

    /// <param name="name">The case.</param>
    /// <param name="samples">One for each process.</param>
    public static IEnumerable<BenchmarkRow> OfFetch(string name, ImmutableArray<FetchSample> samples)
    {
        yield return Compared(name, "toSegment", samples, sample => Later(sample.Fetches), sample => Later(sample.Raw), FetchTarget);
        yield return Compared(name, "toTensors", samples, sample => Later(sample.Loads), sample => Later(sample.Copies), LoadTarget);
        yield return Compared(name, "first", samples, sample => sample.Fetches[0], sample => Later(sample.Fetches), target: null);
        yield return BenchmarkRow.Of(name, "allocated", "KiB", samples, sample => Later(sample.AllocatedKiB));
    }

    /// <summary>The rate of a transfer that is not the first.</summary>
    public static double Later(ImmutableArray<double> rates) => Median.Of(rates.Skip(1));

    /// <summary>A rate and what it is compared with.</summary>
    private static BenchmarkRow Compared<T>(
        string name, string metric, ImmutableArray<T> samples, Func<T, double> value, Func<T, double> limit, double? target)
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
