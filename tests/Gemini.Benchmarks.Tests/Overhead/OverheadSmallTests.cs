using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests.Overhead;

/// <summary>The benchmark itself, in small: real hosts in network namespaces. It shows that the command works, and nothing about speed.</summary>
public sealed class OverheadSmallTests
{
    [Fact]
    public async Task Overhead_TwoHosts_MeasuresTrainingWithAndWithoutCheckpoints()
    {
        using var folder = new TemporaryFolder();
        var json = Path.Combine(folder.Path, "overhead.json");
        var (exitCode, output) = await BenchmarkProcess.RunAsync(
            "overhead", "--hosts", "2", "--model", "gpt2-nano", "--mode", "gemini", "--scale", "100", "--repeat", "1", "--warm-up", "3", "--iterations", "5", "--json", json);
        Assert.SkipWhen(exitCode == ExitCodes.BadInput && output.Contains("network namespace", StringComparison.Ordinal), output);
        // Whether it meets its targets depends on the machine.
        Assert.True(exitCode is ExitCodes.Success or ExitCodes.Failed && File.Exists(json), output);

        var rows = await BenchmarkProcess.ValuesAsync(json);
        Assert.True(rows["emulated/fifo/cubic/none iteration"] > 0, output);
        Assert.InRange(rows["emulated/fifo/cubic/gemini commitsPerIteration"], 0.1, 1);
        Assert.True(rows["emulated/fifo/cubic/gemini pathInflation"] > 0, output);
        // A shard of gpt2-nano on two hosts: parameters and two moments of 70 thousand fp32 numbers, halved.
        Assert.InRange(rows["emulated/fifo/cubic/gemini sentBytes"], 50_000, 600_000);
        Assert.True(rows["emulated/fifo/cubic/gemini siloCpuSeconds"] > 0, output);
    }
}
