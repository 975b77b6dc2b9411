using System.Globalization;
using Gemini.Silo.Configuration;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Processes;

namespace Gemini.Silo.Tests.Lab.Cluster;

public sealed class HostProcessTests
{
    [Fact]
    public async Task Start_ConfigurationThatCannotWork_FailsWithTheHostsOwnLine()
    {
        using var folder = new TemporaryFolder();
        var configuration = new HostConfiguration { Host = new() { Name = "host-0" } };
        await using var host = new HostProcess(
            configuration, folder.Write("host-0.json", "{ \"hots\": 1 }"), Path.Combine(folder.Path, "host-0.log"), TimeProvider.System, _ => { });

        host.Start();

        var error = await Assert.ThrowsAsync<LabException>(() => host.Completion.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("host-0 cannot run", error.Message);
        Assert.Contains("Unknown property 'hots'", error.Message);
        Assert.Contains("exit code 2", error.Message);
    }

    [Fact]
    public void ProcessTools_OwnProcess_IsSeen()
    {
        Assert.True(ProcessTools.IsRunning(Environment.ProcessId));
        Assert.False(ProcessTools.IsRunning(int.MaxValue));
        Assert.False(ProcessTools.Runs(Environment.ProcessId, "no-such-program"));
    }

    [Fact]
    public async Task ProcessTools_Child_IsFoundAndKilled()
    {
        using var folder = new TemporaryFolder();
        using var child = System.Diagnostics.Process.Start(GeminiProgram.Logged("sleep", ["300"], Path.Combine(folder.Path, "log")))!;

        Assert.Contains(child.Id, ProcessTools.ChildrenOf(Environment.ProcessId));
        ProcessTools.Kill(child.Id);
        await child.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(128 + 9, child.ExitCode);
        Assert.False(ProcessTools.IsRunning(child.Id), child.Id.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A trainer of another demo runs the same program; only what it was started with differs.</summary>
    [Fact]
    public async Task ProcessTools_HasVariable_TellsProcessesOfOneProgramApart()
    {
        using var folder = new TemporaryFolder();
        var start = GeminiProgram.Logged("sleep", ["300"], Path.Combine(folder.Path, "log"));
        start.Environment["GEMINI_SOCKET"] = folder.Path;
        using var child = System.Diagnostics.Process.Start(start)!;
        try
        {
            // A child that has not run its program yet still has the environment of these tests.
            await Wait.UntilAsync(() => ProcessTools.HasVariable(child.Id, "GEMINI_SOCKET", folder.Path), "the child's environment");

            Assert.False(ProcessTools.HasVariable(child.Id, "GEMINI_SOCKET", Path.GetDirectoryName(folder.Path)!));
            Assert.False(ProcessTools.HasVariable(Environment.ProcessId, "GEMINI_SOCKET", folder.Path));
        }
        finally
        {
            ProcessTools.Kill(child.Id);
        }

        await child.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(ProcessTools.HasVariable(child.Id, "GEMINI_SOCKET", folder.Path));
    }

    /// <summary>For 0 and -1 the same check holds, but if it were missing, the test itself would be killed. There is no group of these numbers.</summary>
    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(-int.MaxValue)]
    public void ProcessTools_KillAGroup_IsRefused(int processId) => Assert.Throws<ArgumentOutOfRangeException>(() => ProcessTools.Kill(processId));

    [Fact]
    public void FreePorts_Next_AreDifferentAndBelowTheEphemeralRange()
    {
        var ports = new FreePorts(Environment.ProcessId);

        var taken = Enumerable.Range(0, 20).Select(_ => ports.Next()).ToArray();

        Assert.Equal(taken.Length, taken.Distinct().Count());
        Assert.All(taken, port => Assert.InRange(port, 1024, 32767));
    }
}
