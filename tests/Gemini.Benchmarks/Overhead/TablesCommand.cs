using System.CommandLine;
using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Overhead;

/// <summary><c>tables</c>: writes the tables of a page from a report.</summary>
internal static class TablesCommand
{
    private static readonly Argument<string> Report = new("REPORT") { Description = "What overhead --json wrote." };

    private static readonly Argument<string> Page = new("PAGE") { Description = "A Markdown file with a place for the tables." };

    public static Command Create()
    {
        var command = new Command("tables", "Writes the tables of a page from a report. Example: tables docs/overhead.json README.md") { Report, Page };
        command.SetAction(parsed =>
        {
            var (report, page) = (OverheadPage.Read(parsed.GetRequiredValue(Report)), parsed.GetRequiredValue(Page));
            File.WriteAllText(page, OverheadPage.Update(File.ReadAllText(page), report));
            return ExitCodes.Success;
        });
        return command;
    }
}
