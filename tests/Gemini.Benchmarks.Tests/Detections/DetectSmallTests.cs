namespace Gemini.Benchmarks.Tests.Detections;

/// <summary>The benchmark itself, in small: real hosts and trainers. It shows that the command works, and nothing about speed.</summary>
public sealed class DetectSmallTests
{
    [Fact]
    public async Task Detect_ThreeHosts_MeasuresEachKill()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync("detect", "--hosts", "3", "--repeat", "1");
        Assert.All((string[])["kill-trainer", "kill-silo", "kill-host"], fault => Assert.True(values[$"detect/{fault} decided"] > 0, output));
    }

    [Theory]
    [InlineData("--hosts", "2", "use 3 to 64")]
    [InlineData("--repeat", "0", "use 1 or more")]
    public async Task Detect_BadOption_SaysWhatIsRight(string option, string value, string expected) =>
        await BenchmarkProcess.AssertRefusedAsync(expected, "detect", option, value);
}
