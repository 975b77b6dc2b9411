namespace Gemini.Benchmarks.Tests.Recoveries;

/// <summary>The benchmark itself, in small: real hosts and trainers. It shows that the command works, and nothing about speed.</summary>
public sealed class RecoverSmallTests
{
    [Fact]
    public async Task Recover_TwoHosts_MeasuresEveryPhase_AndAStateOfAnotherSize()
    {
        var (values, output) = await BenchmarkProcess.MeasureAsync(
            "recover", "--hosts", "2", "--model", "gpt2-nano", "--repeat", "1", "--state", "8", "--state-pace", "100", "--state-repeat", "1");
        Assert.All(
            from name in (string[])["recover", "recover/1 MiB", "recover/8 MiB"]
            from kind in (string[])["software", "hardware"]
            select $"{name}/{kind}",
            name =>
            {
                var phases = ((string[])["detect", "decide", "replace", "fetch", "load", "resume"]).Sum(phase => values[$"{name} {phase}"]);
                Assert.True(phases == values[$"{name} total"] && phases > 0, output);
            });
        Assert.All((string[])["recover iteration", "recover/8 MiB rawSocket"], name => Assert.True(values[name] > 0, output));
        Assert.True(values.ContainsKey("recover/8 MiB/software additional") && values.ContainsKey("recover/8 MiB/hardware additional"), output);
    }

    [Theory]
    [InlineData("--repeat", "0", "use 1 to 40")]
    [InlineData("--hosts", "1", "use 2 to 64")]
    [InlineData("--state", "-1", "use 0 to")]
    public async Task Recover_BadOption_SaysWhatIsRight(string option, string value, string expected) =>
        await BenchmarkProcess.AssertRefusedAsync(expected, "recover", option, value);
}
