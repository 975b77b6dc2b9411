using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Lab.Recovery;

namespace Gemini.Benchmarks.Recoveries;

/// <summary>The figures of recoveries.</summary>
internal static class RecoverRows
{
    /// <summary>Milliseconds from the kill of a trainer to the end of the first iteration, less an iteration.</summary>
    internal const double SoftwareMillisecondsMax = 300;

    /// <summary>The same for the kill of a host, with a standby.</summary>
    internal const double HardwareMillisecondsMax = 600;

    /// <summary>A larger state may cost so many times as much as a socket takes for its bytes.</summary>
    internal const double BytesRatioMax = 1.2;

    /// <summary>The kinds of failure, as reports name them.</summary>
    private static readonly string[] Kinds = ["software", "hardware"];

    /// <summary>The total, each phase, and the total less an iteration, of each kind of failure.</summary>
    /// <param name="report">What was measured.</param>
    /// <param name="name">The case.</param>
    /// <param name="isPromised">Whether the totals are compared with the targets.</param>
    public static IEnumerable<BenchmarkRow> Of(RecoveryDrillReport report, string name, bool isPromised)
    {
        foreach (var kind in Kinds)
        {
            var failures = Of(report, kind);
            if (failures.IsEmpty) continue;
            var of = $"{name}/{kind}";
            yield return BenchmarkRow.Of(of, "total", "ms", failures, failure => failure.TotalMs);
            foreach (var (index, phase) in failures[0].PhasesMs.All.Index())
                yield return BenchmarkRow.Of(of, phase.Name, "ms", failures, failure => failure.PhasesMs.All.ElementAt(index).Milliseconds);
            var row = BenchmarkRow.Of(of, "totalLessIteration", "ms", failures, failure => failure.TotalMs - report.IterationMs);
            double? target = !isPromised ? null : kind == "software" ? SoftwareMillisecondsMax : HardwareMillisecondsMax;
            yield return row with { Target = target, Met = target is { } most ? row.Value <= most : null };
        }

        yield return new BenchmarkRow(name, "iteration", "ms", report.IterationMs, Spread: 0);
    }

    /// <summary>How much longer recoveries take with a large state than with a small one, compared with a socket.</summary>
    /// <param name="small">The recoveries with the small state.</param>
    /// <param name="large">Those with the large one.</param>
    /// <param name="name">The case of the large state.</param>
    /// <param name="bytes">Bytes of a host's large state.</param>
    /// <param name="bytesPerSecond">The socket's rate.</param>
    public static IEnumerable<BenchmarkRow> Additional(RecoveryDrillReport small, RecoveryDrillReport large, string name, long bytes, double bytesPerSecond)
    {
        yield return new BenchmarkRow(name, "rawSocket", "GB/s", BenchmarkRow.Round(bytesPerSecond / 1e9), Spread: 0);
        var limit = bytes / bytesPerSecond * 1000;
        foreach (var kind in Kinds)
        {
            var without = Median.Of(Of(small, kind).Select(failure => failure.TotalMs - small.IterationMs));
            var row = BenchmarkRow.Of($"{name}/{kind}", "additional", "ms", Of(large, kind), failure => failure.TotalMs - large.IterationMs - without);
            var ratio = BenchmarkRow.Round(row.Value / limit);
            yield return row with { Limit = BenchmarkRow.Round(limit), Ratio = ratio, Target = BytesRatioMax, Met = ratio <= BytesRatioMax };
        }
    }

    private static ImmutableArray<ReportedFailure> Of(RecoveryDrillReport report, string kind) =>
        [.. report.Failures.Where(failure => failure.Kind == kind)];
}
