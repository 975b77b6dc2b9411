using Gemini.Silo.Configuration;

namespace Gemini.Benchmarks.Tests.Detections;

/// <summary>The benchmark itself, in small: real hosts and trainers. It shows that the command works, and nothing about speed.</summary>
public sealed class DetectSmallTests
{
    [Fact]
    public async Task Detect_ThreeHosts_MeasuresEachKill()
    {
        using var folder = new TemporaryFolder();
        var json = Path.Combine(folder.Path, "detect.json");
        var (exitCode, output) = await BenchmarkProcess.RunAsync("detect", "--hosts", "3", "--repeat", "1", "--json", json);
        Assert.True(exitCode is ExitCodes.Success or ExitCodes.Failed && File.Exists(json), output);
        var values = await BenchmarkProcess.ValuesAsync(json);
        Assert.All((string[])["kill-trainer", "kill-silo", "kill-host"], fault => Assert.True(values[$"detect/{fault} decided"] > 0, output));
    }

    [Theory]
    [InlineData("--hosts", "2", "use 3 to 64")]
    [InlineData("--repeat", "0", "use 1 or more")]
    public async Task Detect_BadOption_SaysWhatIsRight(string option, string value, string expected)
    {
        var (exitCode, output) = await BenchmarkProcess.RunAsync("detect", option, value);
        Assert.Equal(ExitCodes.BadInput, exitCode);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }
}
