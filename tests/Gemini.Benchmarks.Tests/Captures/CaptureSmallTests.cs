namespace Gemini.Benchmarks.Tests.Captures;

/// <summary>The benchmark itself, in small. It shows that the command works, and nothing about speed.</summary>
public sealed class CaptureSmallTests
{
    [Fact]
    public async Task Capture_OneSmallShard_MeasuresSavesAndCopies()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync("capture", "--size", "2", "--saves", "3", "--repeat", "1");
        Assert.All((string[])["rate", "rateToTwoThreads", "firstSave", "held", "cpuPerGB"], metric => Assert.True(values[$"capture/2 MiB {metric}"] > 0, output));
    }

    [Theory]
    [InlineData("--saves", "1", "2 or more")]
    [InlineData("--repeat", "0", "1 or more")]
    [InlineData("--size", "0", "1 or more")]
    public async Task Capture_BadOption_SaysWhatIsRight(string option, string value, string expected) =>
        await BenchmarkProcess.AssertRefusedAsync(expected, "capture", option, value);
}
