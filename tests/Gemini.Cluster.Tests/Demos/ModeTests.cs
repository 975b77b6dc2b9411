using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>
/// A job recovers in other checkpoint modes and with other models than the usual ones, and ends with the state of an uninterrupted run. Each demo
/// covers a mode and a model.
/// </summary>
public sealed class ModeTests
{
    [Theory(Explicit = true)]
    [InlineData("gemini", "bert-nano")]
    [InlineData("blocking", "roberta-nano")]
    public async Task HostDies_ResumesFromAPeersMemory_Identical(string mode, string model)
    {
        using var demo = DemoRun.Start($"--model {model} --iterations 30 --mode {mode} --kill host:host-2@15");
        var report = await demo.SucceedAsync();
        Assert.True(report.Identical);
        Assert.Equal((mode, model), (report.Mode, report.Model));
        var failure = Assert.Single(report.Failures);
        Assert.Equal(("hardware", "peer"), (failure.Kind, failure.Source));
        Assert.InRange(failure.LostIterations, 0, 2 + report.SkippedSaves);
    }

    /// <summary>Nothing is kept anywhere, so training begins again.</summary>
    [Fact(Explicit = true)]
    public async Task None_TrainerDies_BeginsAgain_Identical()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --iterations 20 --mode none --standby 0 --kill trainer:host-1@10");
        var report = await demo.SucceedAsync();
        Assert.Equal(0, Assert.Single(report.Failures).ResumedIteration);
    }
}
