using Gemini.Silo.Commands;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Tests.Commands;

public sealed class PlanCommandTests
{
    [Fact]
    public async Task Plan_PapersCluster_SaysMemoryFrequencyChancesAndCosts()
    {
        var (exitCode, output, _) = await RunAsync("plan");
        Assert.Equal(ExitCodes.Success, exitCode);
        Assert.Contains("gpt2-100b: 100.29 billion parameters, 1.2 TB of state", output, StringComparison.Ordinal);
        Assert.Contains("each of 16 hosts: 75.2 GB of state, 300.9 GB of host memory", output, StringComparison.Ordinal);
        Assert.Contains("k = 1: 100 %, k = 2: 93.33 %, k = 3: 80 %", output, StringComparison.Ordinal);
        foreach (var way in (string[])["gemini", "HighFreq", "Strawman"]) Assert.Contains($"\n{way} ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan --idle 10", "so every iteration gets one")]
    [InlineData("plan --network 20 --idle 10", "so one in 4 iterations gets one")]
    [InlineData("plan --hosts 2 --parameters 7", "k = 1: 100 %, k = 2: 0 %")]
    [InlineData("plan --parameters 7", "the model: 7 billion parameters, 84 GB of state")]
    public async Task Plan_OtherClusters(string command, string expected)
    {
        var (exitCode, output, error) = await RunAsync(command);
        Assert.True(exitCode == ExitCodes.Success, error);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    /// <summary>The least network, the largest model, no idle time.</summary>
    [Fact]
    public async Task Plan_Extremes_ArePlannedAll()
    {
        var (exitCode, output, error) = await RunAsync("plan --parameters 100000 --hosts 1 --replicas 1 --network 0.1 --storage 0.1 --iteration 0.001 --idle 0");
        Assert.True(exitCode == ExitCodes.Success, error);
        Assert.Contains("Strawman", output, StringComparison.Ordinal);
        (exitCode, _, error) = await RunAsync("plan --parameters 100000 --hosts 2 --network 0.1 --storage 0.1 --iteration 1000000 --idle 0");
        Assert.True(exitCode == ExitCodes.Success, error);
    }

    [Theory]
    [InlineData("plan --hosts 0", "--hosts is 0; use 1 or more")]
    [InlineData("plan --hosts 4 --replicas 5", "--replicas is 5; use 1 to 4, the number of hosts")]
    [InlineData("plan --network 0", "--network is 0; use 0.1 to 1,000,000")]
    [InlineData("plan --iteration -1", "--iteration is -1; use 0.001 to 1,000,000")]
    [InlineData("plan --idle -1", "--idle is -1; use 0 to 1,000,000")]
    [InlineData("plan --failures-per-day -1", "--failures-per-day is -1; use 0 or more")]
    [InlineData("plan --model llama", "--model llama is unknown; use --parameters")]
    public async Task Plan_BadOption_SaysWhatIsRight(string command, string expected)
    {
        var (exitCode, output, error) = await RunAsync(command);
        Assert.Equal((ExitCodes.BadInput, ""), (exitCode, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string command)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await GeminiCommandLine.RunAsync(command.Split(' '), output, error, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }
}
