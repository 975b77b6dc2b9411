using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests.Captures;

/// <summary>The benchmark itself, in small. It shows that the command works, and nothing about speed.</summary>
public sealed class CaptureSmallTests
{
    [Fact]
    public async Task Capture_OneSmallShard_MeasuresSavesAndCopies()
    {
        using var folder = new TemporaryFolder();
        var json = Path.Combine(folder.Path, "capture.json");
        var (exitCode, output) = await BenchmarkProcess.RunAsync("capture", "--size", "2", "--saves", "3", "--repeat", "1", "--json", json);
        Assert.True(exitCode is ExitCodes.Success or ExitCodes.Failed && File.Exists(json), output);
        var values = await BenchmarkProcess.ValuesAsync(json);
        Assert.All((string[])["rate", "rateToTwoThreads", "firstSave", "held", "cpuPerGB"], metric => Assert.True(values[$"capture/2 MiB {metric}"] > 0, output));
    }

    [Theory]
    [InlineData("--saves", "1", "2 or more")]
    [InlineData("--repeat", "0", "1 or more")]
    [InlineData("--size", "0", "1 or more")]
    public async Task Capture_BadOption_SaysWhatIsRight(string option, string value, string expected)
    {
        var (exitCode, output) = await BenchmarkProcess.RunAsync("capture", option, value);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }
}
