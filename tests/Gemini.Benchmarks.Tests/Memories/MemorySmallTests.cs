namespace Gemini.Benchmarks.Tests.Memories;

/// <summary>The benchmark itself, in small: real hosts and trainers. A few saves say nothing about growth.</summary>
public sealed class MemorySmallTests
{
    [Fact]
    public async Task Memory_TwoHosts_LooksAtEveryProcess()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync(
            "memory", "--state", "1", "--warm-up", "5", "--saves", "10", "--recoveries", "1", "--moments", "3");
        Assert.All(
            from name in (string[])["10 saves/silo", "10 saves/trainer", "1 recoveries/silo", "1 recoveries/trainer"]
            from metric in (string[])["resident", "shared", "descriptors", "mappings", "threads"]
            select $"memory/{name} {metric}",
            name => Assert.True(values[name] > 0, output));
        Assert.InRange(values["memory/silo managed"], 1, 1000);
        // Two replicas in two slots of a mebibyte, each with a header.
        Assert.InRange(values["memory/host segments"], 4, 5);
    }

    [Theory]
    [InlineData("--hosts", "1", "use 2 or more")]
    [InlineData("--saves", "0", "use 1 or more")]
    public async Task Memory_BadOption_SaysWhatIsRight(string option, string value, string expected) =>
        await BenchmarkProcess.AssertRefusedAsync(expected, "memory", option, value);
}
