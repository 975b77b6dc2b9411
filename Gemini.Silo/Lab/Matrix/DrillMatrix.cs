using System.Globalization;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>
/// <c>gemini drill matrix</c>: case after case on one cluster of each shape. A new cluster starts only after a case that left the old one unusable.
/// Prints a line per case and a table per shape, and writes a report. Exit code 0 only if every case ended as it had to.
/// </summary>
internal sealed class DrillMatrix(MatrixOptions options, TextWriter output, TimeProvider clock)
{
    private readonly long _started = clock.GetTimestamp();
    private readonly List<DrillResult> _results = [];

    public async Task<int> RunAsync(CancellationToken ct)
    {
        Say($"seed {options.Cluster.Seed}; mode {options.Cluster.Mode}; Redis server: {RedisProcess.Program}");
        foreach (var shape in options.Shapes)
        {
            await RunAsync(shape, new(options.Cases(withStorage: true)), withStorage: true, ct);
            await RunAsync(shape, new(options.Cases(withStorage: false).Where(drill => MatrixCases.IsRefusal(drill, shape))), withStorage: false, ct);
        }

        foreach (var line in MatrixTable.Lines(_results)) output.WriteLine(line);
        foreach (var line in MatrixCases.LeftOut(options)) output.WriteLine(line);
        var report = new MatrixReport(
            options.Cluster.Seed, options.Cluster.Model, options.Cluster.Mode.ToString(), RedisProcess.Program,
            (long)clock.GetElapsedTime(_started).TotalSeconds, _results.Count, _results.Count(result => result.Passed), [.. _results]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Passed} of {report.Cases} cases passed in {report.Seconds} s"));
        if (options.Report is { } path) ReportFile.Write(path, report);
        return report.Passed == report.Cases && report.Cases > 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private async Task RunAsync(DrillShape shape, Queue<DrillCase> cases, bool withStorage, CancellationToken ct)
    {
        while (cases.Count > 0)
        {
            Say($"shape {shape}{(withStorage ? "" : " without storage")}: a new cluster, {cases.Count} cases to do");
            await using var cluster = new DrillCluster(shape, withStorage, options.Cluster, clock, _ => { });
            var isUsable = true;
            while (isUsable && cases.TryDequeue(out var drill))
            {
                var seed = HashCode(options.Cluster.Seed, shape, drill);
                var result = await new DrillRunner(cluster, shape, clock, new Random(seed)).RunAsync(drill, ct);
                _results.Add(result);
                Say(MatrixTable.Line(result));
                isUsable = result.Passed && result.Problem.Length == 0;
                if (!result.Passed) KeepLogs(cluster);
            }
        }
    }

    private void KeepLogs(DrillCluster cluster)
    {
        cluster.KeepLogs();
        Say($"  logs: {cluster.LogDirectory}");
    }

    /// <summary>The same for a case whether it runs alone or among others, and the same in every process.</summary>
    private static int HashCode(long seed, DrillShape shape, DrillCase drill) =>
        (int)(((((seed * 31) + shape.Hosts) * 31) + shape.Replicas) * 31 + ((int)drill.Target * 31) + (int)drill.Time) & int.MaxValue;

    private void Say(string line) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{clock.GetElapsedTime(_started).TotalSeconds,7:0.0} s] {line}"));
}
