using System.Diagnostics;
using System.Text.Json;
using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests;

/// <summary>The benchmarks' program, as a user runs it.</summary>
internal static class BenchmarkProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>Its exit code, and all that it wrote.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory.Replace("Gemini.Benchmarks.Tests", "Gemini.Benchmarks", StringComparison.Ordinal), "Gemini.Benchmarks");
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var bound = new CancellationTokenSource(Limit);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(bound.Token), process.StandardError.ReadToEndAsync(bound.Token));
            await process.WaitForExitAsync(bound.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs a command that measures, whether its promises are kept or not. Returns the values of its report, and all that it wrote.</summary>
    public static async Task<(Dictionary<string, double> Values, string Output)> MeasureAsync(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var json = Path.Combine(folder.Path, "report.json");
        var (exitCode, output) = await RunAsync([.. arguments, "--json", json]);
        Assert.True(exitCode is ExitCodes.Success or ExitCodes.Failed && File.Exists(json), output);
        return (await ValuesAsync(json), output);
    }

    /// <summary>A command line is refused, in words that say what is right.</summary>
    public static async Task AssertRefusedAsync(string expected, params string[] arguments)
    {
        var (exitCode, output) = await RunAsync(arguments);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    /// <summary>The values of a report, by "case metric".</summary>
    public static async Task<Dictionary<string, double>> ValuesAsync(string json)
    {
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken));
        return report.RootElement.GetProperty("rows").EnumerateArray()
            .ToDictionary(row => $"{row.GetProperty("case").GetString()} {row.GetProperty("metric").GetString()}", row => row.GetProperty("value").GetDouble());
    }
}
