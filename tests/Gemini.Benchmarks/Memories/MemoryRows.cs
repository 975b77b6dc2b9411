using System.Collections.Immutable;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Benchmarks.Memories;

/// <summary>The figures of the looks at a job.</summary>
internal static class MemoryRows
{
    /// <summary>A figure may be so many times what it was after the warm-up.</summary>
    internal const double GrowthMax = 1.01;

    /// <summary>Of a silo, in MiB, whatever the size of its shards.</summary>
    internal const double ManagedMebibytesMax = 64;

    /// <summary>Segments may be so many times the formula, because each has a header and a table of hashes.</summary>
    internal const double SegmentsRatioMax = 1.01;

    private const double Mebibyte = 1 << 20;

    private static readonly (string Metric, string Unit, double Scale, Func<Footprint, double> Value)[] Figures =
    [
        ("resident", "MiB", Mebibyte, footprint => footprint.ResidentBytes),
        ("shared", "MiB", Mebibyte, footprint => footprint.SharedBytes),
        ("descriptors", "count", 1, footprint => footprint.Descriptors),
        ("mappings", "count", 1, footprint => footprint.Mappings),
        ("threads", "count", 1, footprint => footprint.Threads),
    ];

    /// <param name="options">What was measured.</param>
    /// <param name="warm">After the warm-up.</param>
    /// <param name="saved">After the saves.</param>
    /// <param name="recovered">After the recoveries.</param>
    public static IEnumerable<BenchmarkRow> Of(MemoryOptions options, MemorySample warm, MemorySample saved, MemorySample recovered)
    {
        foreach (var (name, before, after) in new[] { ($"{options.Saves} saves", warm, saved), ($"{options.Recoveries} recoveries", saved, recovered) })
        {
            foreach (var row in Growth($"memory/{name}/silo", before.Silos, after.Silos)) yield return row;
            foreach (var row in Growth($"memory/{name}/trainer", before.Trainers, after.Trainers)) yield return row;
        }

        var heaps = warm.ManagedBytes.Concat(saved.ManagedBytes).Concat(recovered.ManagedBytes).ToArray();
        var managed = new BenchmarkRow(
            "memory/silo", "managed", "MiB", BenchmarkRow.Round(heaps.Max() / Mebibyte), BenchmarkRow.Round(Statistics.Range(heaps) / Mebibyte));
        yield return managed with { Target = ManagedMebibytesMax, Met = managed.Value <= ManagedMebibytesMax };

        // Each host keeps its own shard and, in the mean, the shards of as many others as there are further replicas.
        var limit = (double)options.StateMebibytes * HostPaths.SlotCount * MemoryBenchmark.Replicas;
        var segments = BenchmarkRow.Of("memory/host", "segments", "MiB", recovered.SegmentBytes, bytes => bytes / Mebibyte);
        var ratio = BenchmarkRow.Round(segments.Value / limit);
        yield return segments with { Limit = limit, Ratio = ratio, Target = SegmentsRatioMax, Met = ratio <= SegmentsRatioMax };
    }

    /// <summary>The process that has grown most, figure by figure, compared with itself.</summary>
    private static IEnumerable<BenchmarkRow> Growth(string name, ImmutableArray<Footprint> before, ImmutableArray<Footprint> after)
    {
        foreach (var (metric, unit, scale, value) in Figures)
        {
            var (first, last) = before.Zip(after, (from, to) => (From: value(from), To: value(to))).MaxBy(pair => pair.To / pair.From);
            var ratio = BenchmarkRow.Round(last / first);
            yield return new BenchmarkRow(
                name, metric, unit, BenchmarkRow.Round(last / scale), Spread: BenchmarkRow.Round(Statistics.Range([.. after.Select(value)]) / scale),
                BenchmarkRow.Round(first / scale), ratio, GrowthMax, ratio <= GrowthMax);
        }
    }
}
