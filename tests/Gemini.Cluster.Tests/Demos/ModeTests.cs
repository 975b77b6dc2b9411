using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>A job recovers in every checkpoint mode, and ends with the state of an uninterrupted run. What a failure costs depends on the mode.</summary>
public sealed class ModeTests
{
    [Theory(Explicit = true)]
    [InlineData("gemini")]
    [InlineData("naive")]
    [InlineData("unpipelined")]
    [InlineData("blocking")]
    public async Task HostDies_ResumesFromAPeersMemory_Identical(string mode)
    {
        using var demo = DemoRun.Start($"--model gpt2-nano --iterations 40 --mode {mode} --kill host:host-2@20");
        var report = await demo.SucceedAsync();
        Assert.True(report.Identical);
        Assert.Equal(mode, report.Mode);
        var failure = Assert.Single(report.Failures);
        Assert.Equal(("hardware", "peer"), (failure.Kind, failure.Source));
        Assert.InRange(failure.LostIterations, 0, 2);
    }

    /// <summary>Nothing is kept anywhere, so training begins again.</summary>
    [Fact(Explicit = true)]
    public async Task None_TrainerDies_BeginsAgain_Identical()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --iterations 30 --mode none --standby 0 --kill trainer:host-1@20");
        var report = await demo.SucceedAsync();
        Assert.Equal(0, Assert.Single(report.Failures).ResumedIteration);
    }
}
