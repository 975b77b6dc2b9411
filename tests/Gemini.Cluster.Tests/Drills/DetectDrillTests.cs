using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Drills;

public sealed class DetectDrillTests
{
    /// <summary>
    /// Hosts in network namespaces; the cable of one host is cut. The test checks the verdict and not its time, because other work shares these
    /// cores.
    /// </summary>
    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task CutCable_HostWithoutAReset_IsLost_AndComesBackAsAStandby()
    {
        using var folders = new TestFolders();
        using var drill = GeminiProcess.Start(
            folders, "drill", "detect", "--only", "cut-cable", "--hosts", "3", "--repetitions", "1", "--profile", "fast", "--logs", folders.Logs);

        var exitCode = await drill.ExitAsync(Limits.Demo);

        if (drill.Output.All.FirstOrDefault(line => line.Contains("SKIPPED", StringComparison.Ordinal)) is { } skipped) Assert.Skip(skipped);
        var verdict = Assert.Single(drill.Output.All, line => line.Contains("cut-cable of host-", StringComparison.Ordinal));
        Assert.Contains("its silo is dead and its trainers do not answer", verdict);
        Assert.True(exitCode == 0 || drill.Errors.All.Any(line => line.Contains("later than", StringComparison.Ordinal)), drill.Describe());
        await Leftovers.AssertNoProcessAsync(folders, Limits.Stop);
    }
}
