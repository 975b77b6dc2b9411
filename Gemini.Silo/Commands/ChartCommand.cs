using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Commands;

/// <summary><c>gemini chart</c>: the recoveries of a report as a picture.</summary>
internal static class ChartCommand
{
    public static Command Create(TextWriter output)
    {
        var report = new Argument<string>("REPORT") { Description = "A report made with: gemini demo --report REPORT" };
        var picture = new Argument<string>("PICTURE") { Description = "The SVG file to write." };
        var command = new Command("chart",
            "Draws the time line of every recovery in a report. Example: gemini chart report.json recovery.svg") { report, picture };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(picture);
            var svg = RecoveryChart.Draw(DemoReportFile.Load(parsed.GetRequiredValue(report)));
            UsablePaths.RequireWritableFile("PICTURE", path);
            File.WriteAllText(path, svg);
            output.WriteLine($"wrote {path}");
            return ExitCodes.Success;
        });
        return command;
    }
}
