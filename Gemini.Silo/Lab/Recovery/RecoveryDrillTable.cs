using System.Globalization;

namespace Gemini.Silo.Lab.Recovery;

/// <summary>The drill's report as text.</summary>
internal static class RecoveryDrillTable
{
    public static IEnumerable<string> Lines(RecoveryDrillReport report)
    {
        yield return "";
        yield return $"{report.Model} on {report.Hosts} hosts and {report.Standbys} standby, {report.Replicas} replicas, {report.Spares} warm spare(s) "
            + $"per trainer, {report.IterationMs:0} ms per iteration, {report.Processors} processors for all hosts";
        foreach (var (kind, summary) in new[] { ("software", report.Software), ("hardware", report.Hardware) })
        {
            yield return "";
            yield return $"{summary.Count} {kind} failures, ms from the kill; at most {summary.LostIterationsMax} finished iterations repeated";
            yield return Row("", summary, spread => spread.Name);
            yield return Row("median", summary, spread => spread.Median.ToString("0", CultureInfo.InvariantCulture));
            yield return Row("min", summary, spread => spread.Min.ToString(CultureInfo.InvariantCulture));
            yield return Row("max", summary, spread => spread.Max.ToString(CultureInfo.InvariantCulture));
        }

        yield return "";
        yield return $"state of iteration {report.Iteration}: {report.FinalStateHash ?? "not committed"}";
        if (report.ReferenceStateHash is { } reference) yield return $"uninterrupted run: {reference}";
        yield return report.Identical is { } identical ? $"identical: {(identical ? "true" : "false")}" : "identical: not verified";
    }

    private static string Row(string name, RecoveryDrillSummary summary, Func<PhaseSpread, string> cell) =>
        $"  {name,-6}  {string.Join("  ", summary.Phases.Append(summary.Total).Select(spread => $"{cell(spread),7}"))}";
}
