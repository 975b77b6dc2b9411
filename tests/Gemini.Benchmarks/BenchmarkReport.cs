using System.Collections.Immutable;
using System.CommandLine;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;

namespace Gemini.Benchmarks;

/// <summary>What a command writes with <c>--json</c>.</summary>
/// <param name="Commit">What was measured.</param>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Repetitions">How often each case was run.</param>
/// <param name="Rows">The figures.</param>
internal sealed record BenchmarkReport(string Commit, Machine Machine, int Repetitions, ImmutableArray<BenchmarkRow> Rows)
{
    /// <summary>The option that names the file.</summary>
    public static readonly Option<string?> Json = new("--json") { Description = "Write the figures as JSON.", HelpName = "FILE" };

    /// <summary>The file that the command line names; null: none.</summary>
    /// <exception cref="BadInputException">It cannot be written. That is said before anything is measured.</exception>
    public static string? FileOf(ParseResult parsed)
    {
        if (parsed.GetValue(Json) is not { } file) return null;
        UsablePaths.RequireWritableFile(Json.Name, file);
        return file;
    }

    /// <summary>Prints the figures, and writes the report if a file was named. Returns the exit code: success if every promise is kept.</summary>
    public static async Task<int> PublishAsync(TextWriter output, string? file, int repetitions, ImmutableArray<BenchmarkRow> rows)
    {
        await BenchmarkTable.WriteAsync(output, rows);
        if (file is not null) ReportFile.Write(file, new BenchmarkReport(Build.Commit, Machine.This(), repetitions, rows));
        return rows.Any(row => row.Met == false) ? ExitCodes.Failed : ExitCodes.Success;
    }
}
