using Gemini.Silo.Status;

namespace Gemini.Silo.Lab.Demo;

/// <summary>A report as text.</summary>
internal static class DemoSummary
{
    public static IEnumerable<string> Lines(DemoReport report)
    {
        yield return "";
        yield return $"checkpoint mode {report.Mode}";
        yield return $"{report.Iterations} iterations of {report.Model} ({report.Parameters:N0} parameters) on {report.Hosts} hosts, "
            + $"{report.Replicas} replicas, {report.IterationMsMedian:0} ms per iteration, shard {ByteText.Of(report.ShardBytes)}";
        yield return $"committed at most {report.CommittedLagMax} behind the trained iteration"
            + (report.SkippedSaves == 0 ? "" : $"; {report.SkippedSaves} saves were skipped because commits took too long");
        foreach (var failure in report.Failures)
        {
            yield return "";
            yield return $"{failure.Kind} failure of {failure.Host} in iteration {failure.AtIteration}: resumed from iteration "
                + $"{failure.ResumedIteration} ({Source(failure.Source)}), {failure.LostIterations} finished iterations repeated";
            yield return "  " + string.Join("  ", failure.PhasesMs.All.Select(phase => $"{phase.Name,7}")) + "    total";
            yield return "  " + string.Join("  ", failure.PhasesMs.All.Select(phase => $"{phase.Milliseconds,7}")) + $"  {failure.TotalMs,7} ms";
        }

        yield return "";
        if (report.FinalStateHash is { } final) yield return $"final state      {final}";
        if (report.ReferenceStateHash is { } reference) yield return $"uninterrupted    {reference}";
        yield return report.Identical is { } identical ? $"identical: {(identical ? "true" : "false")}" : "identical: not verified";
    }

    private static string Source(string source) => source switch
    {
        "local" => "own memory",
        "peer" => "memory of a peer",
        "storage" => "persistent storage",
        "none" => "from the beginning",
        _ => source,
    };
}
