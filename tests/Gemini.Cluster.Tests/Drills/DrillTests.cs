using System.Text.Json;
using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Drills;

/// <summary>A short selection of the cases of <c>gemini drill matrix</c> and <c>gemini demo --chaos</c>.</summary>
public sealed class DrillTests
{
    [Fact(Explicit = true)]
    public async Task Matrix_N4M2_FourCases_EndAsTheyHaveTo()
    {
        using var folders = new TestFolders();
        using var report = await RunAsync(
            folders, "drill", "matrix", "--shape", "4,2", "--what", "host", "--what", "group-pair", "--when", "capture", "--when", "fetch",
            "--with-storage-only");

        var results = report.RootElement.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(4, results.Count);
        Assert.All(results, result => Assert.True(result.GetProperty("passed").GetBoolean(), result.ToString()));
        // Each case reached its moment, and the drill compared commits after the kill.
        Assert.All(results, result => Assert.InRange(result.GetProperty("comparedCommits").GetInt32(), 1, int.MaxValue));
        Assert.Equal(["peer"], Sources(results, "host"));
        Assert.Equal(["storage"], Sources(results, "group-pair"));
    }

    [Fact(Explicit = true)]
    public async Task Chaos_N4M2_FiveFailures_EveryCommitIsTheUninterruptedRuns()
    {
        using var folders = new TestFolders();
        using var report = await RunAsync(
            folders, "demo", "--chaos", "--seed", "3", "--failures", "5", "--storage", Path.Combine(folders.Root, "storage"));

        Assert.Equal(5, report.RootElement.GetProperty("failures").GetArrayLength());
        Assert.Equal(5, report.RootElement.GetProperty("recovered").GetInt32());
        Assert.True(report.RootElement.GetProperty("identical").GetBoolean());
        Assert.InRange(report.RootElement.GetProperty("comparedCommits").GetInt32(), 5, int.MaxValue);
    }

    private static List<string?> Sources(List<JsonElement> results, string what) =>
        [.. results.Where(result => result.GetProperty("what").GetString() == what).Select(result => result.GetProperty("source").GetString()).Distinct()];

    private static async Task<JsonDocument> RunAsync(TestFolders folders, params string[] arguments)
    {
        var path = Path.Combine(folders.Root, "report.json");
        using var process = GeminiProcess.Start(folders, [.. arguments, "--memory", folders.Memory, "--report", path]);
        var exitCode = await process.ExitAsync(Limits.Demo);
        Assert.True(exitCode == 0, $"Exit code {exitCode}.\n{process.Describe()}");
        await Leftovers.AssertNoneAsync(folders, Limits.Stop);
        return JsonDocument.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }
}
