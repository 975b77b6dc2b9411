using System.CommandLine;
using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Overhead;

/// <summary><c>tables</c>: writes the tables of a page from reports.</summary>
internal static class TablesCommand
{
    private static readonly Argument<string> Page = new("PAGE") { Description = "A Markdown file with a place for the tables." };

    private static readonly Argument<string[]> Reports = new("REPORT")
    {
        Description = "What overhead --json wrote. With several, their tables follow each other.",
        Arity = ArgumentArity.OneOrMore,
    };

    public static Command Create()
    {
        var command = new Command("tables", "Writes the tables of a page from reports. Example: tables README.md docs/overhead-*.json") { Page, Reports };
        command.SetAction(parsed =>
        {
            var page = parsed.GetRequiredValue(Page);
            // All are read before the page is touched.
            var reports = parsed.GetRequiredValue(Reports).Select(OverheadPage.Read).ToList();
            File.WriteAllText(page, OverheadPage.Update(Text(page), reports));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Text(string page)
    {
        if (!File.Exists(page)) throw new BadInputException($"{page} does not exist; name a Markdown file with a place for the tables.");
        return File.ReadAllText(page);
    }
}
