namespace Gemini.Benchmarks.Tests;

/// <summary>The benchmark itself, in small. It shows that the command works, and nothing about speed.</summary>
public sealed class ControlPlaneSmallTests
{
    [Fact]
    public async Task ControlPlane_TwoSizes_MeasuresReportsCommitsAndARecovery()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync("control-plane", "--hosts", "4", "--hosts", "12", "--repeat", "1", "--part", "decisions");
        Assert.All(
            (string[])["report", "reportBytes", "iterationPerHost", "groupComplete", "recoveryPlan", "recovery", "forming", "placement", "status"],
            metric => Assert.True(values[$"control-plane/4 {metric}"] > 0 && values[$"control-plane/12 {metric}"] > 0, output));
    }

    [Fact]
    public async Task ControlPlane_InProcesses_MeasuresCommitsAndWhatEachRoleUses()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync("control-plane", "--hosts", "5", "--repeat", "1", "--part", "processes", "--seconds", "2");
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
    public async Task ControlPlane_BadOption_SaysWhatIsRight(string option, string value, string expected) =>
        await BenchmarkProcess.AssertRefusedAsync(expected, "control-plane", option, value);
}
