using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>The demo with more failures than memory survives: the job recovers from storage.</summary>
public sealed class StorageTests
{
    [Fact]
    public async Task Demo_N4M2_BothHostsOfAGroupDie_AllResumeFromStorage_Identical()
    {
        using var demo = DemoRun.Start(
            "--model gpt2-nano --iterations 60 --persist-every 5 --kill host:host-0@30 --kill host:host-1@30", storage: true);
        var report = await demo.SucceedAsync();

        Assert.True(report.Identical);
        Assert.Equal(["hardware host-0 storage", "hardware host-1 storage"], report.Failures.Select(failure => $"{failure.Kind} {failure.Host} {failure.Source}").Order());
        Assert.All(report.Failures, failure => Assert.Equal(0, failure.ResumedIteration % 5));
        Assert.All(report.Failures, failure => Assert.InRange(failure.ResumedIteration, 1, failure.AtIteration));
        var stored = Directory.GetDirectories(Assert.Single(Directory.GetDirectories(demo.Storage)));
        Assert.Contains(stored, snapshot => File.Exists(Path.Combine(snapshot, "manifest.json")));
    }

    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task Demo_N4M2_BothHostsOfAGroupDie_WithoutStorage_SaysWhatIsMissing()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --iterations 60 --kill host:host-2@20 --kill host:host-3@20");
        Assert.NotEqual(0, await demo.Process.ExitAsync(Limits.Demo));
        await Leftovers.AssertNoneAsync(demo.Folders, Limits.Stop);
        Assert.Contains("rank 2, 3", Assert.Single(demo.Process.Errors.All), StringComparison.Ordinal);
    }
}
