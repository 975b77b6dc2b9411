using System.Globalization;
using System.Text;
using System.Text.Json;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks.Overhead;

/// <summary>The tables of a page, made from a report. Nobody types a figure.</summary>
internal static class OverheadPage
{
    private const string Begin = "<!-- overhead: written by a command, see below -->";
    private const string End = "<!-- end of overhead -->";

    /// <exception cref="BadInputException">There is no such file, or it is no report.</exception>
    public static OverheadReport Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<OverheadReport>(File.ReadAllText(path), ReportFile.Options)
                ?? throw new BadInputException($"{path} is no report of overhead --json.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BadInputException($"{path} cannot be read as a report of overhead --json: {error.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The page with the report's tables in place of those that it has.</summary>
    /// <param name="page">Markdown with the two comments that enclose the tables.</param>
    /// <param name="report">The measurements.</param>
    /// <exception cref="BadInputException">The page does not have the comments.</exception>
    public static string Update(string page, OverheadReport report)
    {
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin) throw new BadInputException($"The page has no place for the tables: a line {Begin}, and below it a line {End}.");
        return $"{page[..begin]}{Begin}\n{Tables(report)}{page[end..]}";
    }

    /// <summary>A table for each load: a row for each mode, a column for each network. Each cell has the ratio to training without checkpoints.</summary>
    private static string Tables(OverheadReport report)
    {
        var text = new StringBuilder();
        foreach (var load in report.Rows.Where(row => row.Metric == "iteration").GroupBy(row => row.Case.Split('/')[0]))
        {
            var networks = load.Select(row => string.Join('/', row.Case.Split('/')[1..3])).Distinct().ToList();
            text.Append('\n').AppendJoin(" | ", ["| " + load.Key, .. networks.Select(network => network.Replace('/', ' '))]).Append(" |\n");
            text.Append("|---|").Insert(text.Length, "---|", networks.Count).Append('\n');
            foreach (var mode in load.Select(row => row.Case.Split('/')[3]).Distinct())
                text.AppendJoin(" | ", ["| " + mode, .. networks.Select(network => Cell(report, $"{load.Key}/{network}/{mode}"))]).Append(" |\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Cell(OverheadReport report, string name)
    {
        if (report.Rows.FirstOrDefault(row => row.Case == name && row.Metric == "iteration") is not { } iteration) return "";
        var commits = report.Rows.FirstOrDefault(row => row.Case == name && row.Metric == "commitsPerIteration");
        return commits is null
            ? string.Create(CultureInfo.InvariantCulture, $"{iteration.Value:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{iteration.Ratio:0.000}, {commits.Value:0.00} commits");
    }
}
