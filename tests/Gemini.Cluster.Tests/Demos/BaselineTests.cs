using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>The paper's baselines beside Gemini: with a baseline, the same failure costs iterations.</summary>
public sealed class BaselineTests
{
    [Fact(Explicit = true)]
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
