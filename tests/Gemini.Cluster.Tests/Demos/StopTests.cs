using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>The end of the launcher, of any kind, ends every process and removes all host memory.</summary>
public sealed class StopTests
{
    private const string Demo = "--model gpt2-nano --hosts 2 --standby 0 --iterations 5000 --kill none";

    [Fact]
    public async Task Demo_CtrlCInMidRun_LeavesNothing()
    {
        using var demo = DemoRun.Start(Demo);
        await demo.WaitForLineAsync("] running", Limits.Start);
        demo.Process.Interrupt();
        await AssertStoppedAsync(demo);
    }

    [Fact]
    public async Task Demo_TerminatedWhileHostsComeUp_LeavesNothing()
    {
        using var demo = DemoRun.Start(Demo);
        await demo.WaitForLineAsync("host-1 started", Limits.Start);
        demo.Process.Terminate();
        await AssertStoppedAsync(demo);
    }

    [Fact]
    public async Task Demo_TerminatedInMidRun_LeavesNothing()
    {
        using var demo = DemoRun.Start(Demo);
        await demo.WaitForLineAsync("] running", Limits.Start);
        demo.Process.Terminate();
        await AssertStoppedAsync(demo);
    }

    [Fact]
    public async Task Demo_LauncherKilledInMidRun_HostsEndThemselvesAndLeaveNothing()
    {
        using var demo = DemoRun.Start(Demo);
        await demo.WaitForLineAsync("] running", Limits.Start);
        demo.Process.Kill();
        await Leftovers.AssertNoneAsync(demo.Folders, Limits.Stop);
    }

    /// <summary>The uninterrupted run beside the job has no host, so it must notice by itself.</summary>
    [Fact]
    public async Task Chaos_LauncherKilledInMidRun_TheReferenceRunEndsToo()
    {
        using var demo = DemoRun.Start("--chaos --hosts 2 --failures 1000");
        await demo.WaitForLineAsync("] 1/1000", Limits.Start);
        demo.Process.Kill();
        await Leftovers.AssertNoProcessAsync(demo.Folders, Limits.Stop);
    }

    private static async Task AssertStoppedAsync(DemoRun demo)
    {
        Assert.Equal(130, await demo.Process.ExitAsync(Limits.Stop));
        Assert.Equal("gemini demo: stopped; no process and no host memory is left behind", Assert.Single(demo.Process.Errors.All));
        // The launcher has waited for all processes, so nothing may be left now.
        await Leftovers.AssertNoneAsync(demo.Folders, TimeSpan.FromSeconds(1));
        Assert.Empty(Directory.EnumerateFileSystemEntries(demo.Folders.Temporary, "gemini-demo-*"));
    }
}
