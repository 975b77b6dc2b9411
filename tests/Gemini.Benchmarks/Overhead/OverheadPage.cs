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

    /// <summary>The page with the reports' tables in place of those that it has.</summary>
    /// <param name="page">Markdown with the two comments that enclose the tables.</param>
    /// <param name="reports">The measurements, in the order of their tables.</param>
    /// <exception cref="BadInputException">The page does not have the comments.</exception>
    public static string Update(string page, params IEnumerable<OverheadReport> reports)
    {
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (begin < 0 || end < begin) throw new BadInputException($"The page has no place for the tables: a line {Begin}, and below it a line {End}.");
        return $"{page[..begin]}{Begin}\n{string.Concat(reports.Select(Tables))}\n{page[end..]}";
    }

    /// <summary>A table for each load: a row for each mode, a column for each network. Below it, how it was measured.</summary>
    private static string Tables(OverheadReport report)
    {
        var text = new StringBuilder();
        foreach (var load in report.Rows.Where(row => row.Metric == "iteration").GroupBy(row => row.Case.Split('/')[0]))
        {
            var networks = load.Select(row => string.Join('/', row.Case.Split('/')[1..3])).Distinct();
            List<(string Head, Func<string, string> CellOf)> columns =
            [
                (load.Key, mode => mode),
                .. networks.Select<string, (string, Func<string, string>)>(
                    network => (network.Replace('/', ' '), mode => Cell(report, $"{load.Key}/{network}/{mode}"))),
            ];
            if (load.Key == "emulated") columns.Add(("paper, Fig. 16", Published));
            text.Append('\n');
            Line(columns.Select(column => column.Head));
            text.Append('|').Insert(text.Length, "---|", columns.Count).Append('\n');
            foreach (var mode in load.Select(row => row.Case.Split('/')[3]).Distinct()) Line(columns.Select(column => column.CellOf(mode)));
        }

        return text.Append('\n').Append(Conditions(report)).ToString();

        void Line(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private static string Cell(OverheadReport report, string name)
    {
        if (report.Rows.FirstOrDefault(row => row.Case == name && row.Metric == "iteration") is not { } iteration) return "";
        var commits = report.Rows.FirstOrDefault(row => row.Case == name && row.Metric == "commitsPerIteration");
        return commits is null
            ? string.Create(CultureInfo.InvariantCulture, $"{iteration.Value:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{iteration.Ratio:0.000}, {commits.Value:0.00} commits");
    }

    /// <summary>The paper's figure 16: GPT-2 40B on 16 p3dn, read off the figure to 0.03 s; the text has 10.1 % and 3.5 %.</summary>
    private static string Published(string mode) => mode switch
    {
        "none" => "43.5 s",
        "gemini" => "1.000",
        "naive" => "out of memory",
        "unpipelined" => "1.035",
        "blocking" => "1.101",
        _ => "",
    };

    private static string Conditions(OverheadReport report)
    {
        var machine = report.Machine;
        return string.Create(CultureInfo.InvariantCulture, $"""
            *Conditions:* commit `{report.Commit}`; {report.Hosts} hosts on one machine with {machine.Cores} processors ({machine.Processor},
            Linux {machine.Kernel}); state of `{report.Model}`; published times divided by {report.Scale}; each case
            {report.Repetitions} x {report.Iterations} iterations, median.

            """);
    }
}
