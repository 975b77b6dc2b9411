using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>Modes for comparison: the same failure costs iterations there. For the other modes, see <see cref="RecoveryTests"/>.</summary>
public sealed class BaselineTests
{
    /// <summary>Nothing is kept anywhere, so training begins again.</summary>
    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task None_TrainerDies_BeginsAgain()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --iterations 20 --mode none --standby 0 --kill trainer:host-1@10");
        var report = await demo.SucceedAsync();
        Assert.Equal(("none", 1), (report.Mode, report.Replicas));
        Assert.Equal(0, Assert.Single(report.Failures).ResumedIteration);
    }

    /// <summary>A snapshot goes to storage as soon as the one before it is there.</summary>
    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task HighFreq_TrainerDies_ResumesFromStorage_Identical()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --iterations 40 --mode highfreq --standby 0 --kill trainer:host-1@25", storage: true);
        var report = await demo.SucceedAsync();
        Assert.True(report.Identical);
        Assert.Equal(("highfreq", 1), (report.Mode, report.Replicas));
        var failure = Assert.Single(report.Failures);
        Assert.Equal(("software", "storage"), (failure.Kind, failure.Source));
        Assert.InRange(failure.ResumedIteration, 1, failure.AtIteration);
    }

    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task Strawman_TrainerDies_ResumesFromStorage_IterationsAreLost_Identical()
    {
        using var demo = DemoRun.Start(
            "--model gpt2-nano --iterations 40 --mode strawman --persist-every 12 --standby 0 --kill trainer:host-1@32", storage: true);
        var report = await demo.SucceedAsync();
        Assert.True(report.Identical);
        Assert.Equal(("strawman", 1), (report.Mode, report.Replicas));
        var failure = Assert.Single(report.Failures);
        Assert.Equal(("software", "storage"), (failure.Kind, failure.Source));
        Assert.Equal(0, failure.ResumedIteration % 12);
        Assert.True(failure.LostIterations > 0, $"{failure}");
    }
}
