namespace Gemini.Benchmarks.Tests.Transfers;

/// <summary>The benchmarks themselves, in small. They show that the commands work, and nothing about speed.</summary>
public sealed class TransferSmallTests
{
    [Fact]
    public async Task Replicate_TwoPeersAndStreams_MeasuresTransfersAndTheRawSocket()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync("replicate", "--size", "4", "--peers", "2", "--streams", "2", "--transfers", "3", "--repeat", "1");
        Assert.All((string[])["rate", "first", "cpuPerGB"], metric => Assert.True(values[$"replicate/4 MiB m=3 x2 {metric}"] > 0, output));
    }

    [Fact]
    public async Task Fetch_TwoSources_MeasuresSegmentAndTensors()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync("fetch", "--size", "4", "--sources", "2", "--transfers", "3", "--repeat", "1");
        Assert.All((string[])["toSegment", "toTensors", "first"], metric => Assert.True(values[$"fetch/4 MiB from 2 {metric}"] > 0, output));
    }

    [Fact]
    public async Task InBand_OneSmallShard_MeasuresCallsAndTheDataPort()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync("in-band", "--size", "4", "--transfers", "2", "--repeat", "1");
        Assert.All((string[])["rate", "dataPort", "factor"], metric => Assert.True(values[$"in-band/4 MiB {metric}"] > 0, output));
    }

    [Theory]
    [InlineData("replicate", "--transfers", "1", "2 or more")]
    [InlineData("replicate", "--streams", "0", "1 or more")]
    [InlineData("fetch", "--repeat", "0", "1 or more")]
    [InlineData("in-band", "--size", "0", "1 or more")]
    public async Task Transfer_BadOption_SaysWhatIsRight(string command, string option, string value, string expected) =>
        await BenchmarkProcess.AssertRefusedAsync(expected, command, option, value);
}
