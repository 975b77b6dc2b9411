using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests;

/// <summary>The benchmark itself, in small. It shows that the command works, and nothing about speed.</summary>
public sealed class ControlPlaneSmallTests
{
    [Fact]
    public async Task ControlPlane_TwoSizes_MeasuresReportsCommitsAndARecovery()
    {
        using var folder = new TemporaryFolder();
        var json = Path.Combine(folder.Path, "control-plane.json");
        var (exitCode, output) = await BenchmarkProcess.RunAsync("control-plane", "--hosts", "4", "--hosts", "12", "--repeat", "1", "--part", "decisions", "--json", json);
        Assert.True(exitCode is ExitCodes.Success or ExitCodes.Failed && File.Exists(json), output);
        var values = await BenchmarkProcess.ValuesAsync(json);
        Assert.All(
            (string[])["report", "reportBytes", "iterationPerHost", "groupComplete", "recoveryPlan", "recovery", "forming", "placement", "status"],
            metric => Assert.True(values[$"control-plane/4 {metric}"] > 0 && values[$"control-plane/12 {metric}"] > 0, output));
    }

    [Fact]
    public async Task ControlPlane_InProcesses_MeasuresCommitsAndWhatEachRoleUses()
    {
        using var folder = new TemporaryFolder();
        var json = Path.Combine(folder.Path, "processes.json");
        var (exitCode, output) = await BenchmarkProcess.RunAsync("control-plane", "--hosts", "5", "--repeat", "1", "--part", "processes", "--seconds", "2", "--json", json);
        Assert.True(exitCode is ExitCodes.Success or ExitCodes.Failed && File.Exists(json), output);
        var values = await BenchmarkProcess.ValuesAsync(json);
        Assert.All(
            (string[])
            [
                "commit", "commitLongest", "forming", "rootCore", "allCores", "rootCpu", "rootMessages", "rootBytes", "groupCpu", "groupMessages", "groupBytes",
                "workerCpu", "workerMessages", "workerBytes",
            ],
            metric => Assert.True(values[$"control-plane/5 in processes {metric}"] > 0, output));
    }

    [Theory]
    [InlineData("--seconds", "0", "1 or more")]
    [InlineData("--hosts", "1", "2 or more")]
    [InlineData("--repeat", "0", "1 or more")]
    public async Task ControlPlane_BadOption_SaysWhatIsRight(string option, string value, string expected)
    {
        var (exitCode, output) = await BenchmarkProcess.RunAsync("control-plane", option, value);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }
}
