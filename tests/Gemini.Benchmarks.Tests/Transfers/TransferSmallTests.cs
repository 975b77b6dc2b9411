using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests.Transfers;

/// <summary>The benchmarks themselves, in small. They show that the commands work, and nothing about speed.</summary>
public sealed class TransferSmallTests
{
    [Fact]
    public async Task Replicate_TwoPeersAndStreams_MeasuresTransfersAndTheRawSocket()
    {
        var (values, output) = await RunAsync("replicate", "--size", "4", "--peers", "2", "--streams", "2", "--transfers", "3");
        Assert.All((string[])["rate", "first", "cpuPerGB"], metric => Assert.True(values[$"replicate/4 MiB m=3 x2 {metric}"] > 0, output));
    }

    [Fact]
    public async Task Fetch_TwoSources_MeasuresSegmentAndTensors()
    {
        var (values, output) = await RunAsync("fetch", "--size", "4", "--sources", "2", "--transfers", "3");
        Assert.All((string[])["toSegment", "toTensors", "first"], metric => Assert.True(values[$"fetch/4 MiB from 2 {metric}"] > 0, output));
    }

    [Fact]
    public async Task InBand_OneSmallShard_MeasuresCallsAndTheDataPort()
    {
        var (values, output) = await RunAsync("in-band", "--size", "4", "--transfers", "2");
        Assert.All((string[])["rate", "dataPort", "factor"], metric => Assert.True(values[$"in-band/4 MiB {metric}"] > 0, output));
    }

    [Theory]
    [InlineData("replicate", "--transfers", "1", "2 or more")]
    [InlineData("replicate", "--streams", "0", "1 or more")]
    [InlineData("fetch", "--repeat", "0", "1 or more")]
    [InlineData("in-band", "--size", "0", "1 or more")]
    public async Task Transfer_BadOption_SaysWhatIsRight(string command, string option, string value, string expected)
    {
        var (exitCode, output) = await BenchmarkProcess.RunAsync(command, option, value);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    private static async Task<(Dictionary<string, double> Values, string Output)> RunAsync(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var json = Path.Combine(folder.Path, "report.json");
        var (exitCode, output) = await BenchmarkProcess.RunAsync([.. arguments, "--repeat", "1", "--json", json]);
        Assert.True(exitCode is ExitCodes.Success or ExitCodes.Failed && File.Exists(json), output);
        return (await BenchmarkProcess.ValuesAsync(json), output);
    }
}
