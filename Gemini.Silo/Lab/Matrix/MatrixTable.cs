using System.Globalization;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Silo.Lab.Matrix;

/// <summary>The matrix's results as text.</summary>
internal static class MatrixTable
{
    public static string Line(DrillResult result) => string.Create(CultureInfo.InvariantCulture,
        $"{(result.Passed ? "ok  " : "FAIL")} {result.Shape} {result.What,-10} x {result.When,-11} {(result.Storage ? "" : "no storage, ")}"
        + $"{result.Expected}: {result.Victims}; committed {result.KilledAtIteration}"
        + $"{(result.ResumedIteration is { } resumed ? $", resumed {resumed} from {result.Source}" : "")}"
        + $"{(result.RecoveryMs is { } milliseconds ? $" in {milliseconds} ms" : "")}, {result.ComparedCommits} commits equal, case {result.CaseMs} ms"
        + $"{(result.Problem.Length > 0 ? $": {result.Problem}" : "")}");

    /// <summary>What was killed by when, one table per shape: recovery time in seconds and source, or the ending.</summary>
    public static IEnumerable<string> Lines(IReadOnlyCollection<DrillResult> results)
    {
        foreach (var table in results.GroupBy(result => (result.Shape, result.Storage)))
        {
            var times = Enum.GetValues<DrillTime>().Select(DrillNames.Of).Where(time => table.Any(result => result.When == time)).ToList();
            yield return "";
            var storage = table.Key.Storage ? "" : ", without storage";
            yield return $"N,m = {table.Key.Shape}{storage}: seconds from the kill to the first new iteration, and source";
            yield return string.Concat("".PadRight(11), string.Concat(times.Select(time => time.PadRight(13))));
            foreach (var row in table.GroupBy(result => result.What))
            {
                var cells = times.Select(time => Cell(row.FirstOrDefault(result => result.When == time)).PadRight(13));
                yield return row.Key.PadRight(11) + string.Concat(cells);
            }

        }

        yield return "";
    }

    private static string Cell(DrillResult? result) => result switch
    {
        null => "",
        { Passed: false } => "FAILED",
        { RecoveryMs: { } milliseconds } => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1e3:0.0} {result.Source}"),
        _ => result.Expected,
    };
}
