using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;
using Gemini.Silo.Processes;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>A host of deploy/hosts dies with all its processes and its memory. Nobody is at its shell, and there is no standby.</summary>
public sealed class LostHostTests
{
    private const long Iterations = 400;
    private const string Lost = "host-b";

    [Fact]
    public async Task Host_KilledWithItsMemory_ProcessOperator_StartsItAgain_AndTheJobGoesOnToItsEnd()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(
            folders, Iterations, json => json["machines"] = new JsonObject { ["process"] = new JsonObject() });
        var before = await KillAsync(cluster);

        var finished = await AssertFinishesAsync(cluster, before);

        // The new host leads its own session, so it does not end with the host that started it.
        var report = HandMadeCluster.ReportOf(finished, Lost);
        Assert.NotEqual(before.Silo, report.SiloProcessId);
        Assert.Equal(report.SiloProcessId, ProcStat.Of(report.SiloProcessId)?.Session);
        Assert.Contains(Directory.EnumerateFiles(folders.Logs, "host.log", SearchOption.AllDirectories), path => path.Contains(Lost, StringComparison.Ordinal));
    }

    [Fact(Explicit = true)]
    public async Task Host_KilledWithItsMemory_CommandHasNoMachineTwice_SaysSo_ThenBringsOne_AndTheJobGoesOnToItsEnd()
    {
        using var folders = new TestFolders();
        var script = WriteScript(folders);
        await using var cluster = await HandMadeCluster.StartAsync(folders, Iterations, json => json["machines"] = new JsonObject
        {
            ["command"] = new JsonObject { ["run"] = new JsonArray(script) },
            ["afterSeconds"] = 0.5,
            ["pauseSeconds"] = 0.5,
        });
        var before = await KillAsync(cluster);

        var waiting = await cluster.WaitAsync(
            status => status.MachineRequests is [{ Attempt: >= 2 }] && status.Phase == JobPhase.Replacing, "a second attempt");
        Assert.Contains("waiting for a host for position 1: ", waiting.Reason);
        Assert.Contains("host-b", waiting.Reason);
        Assert.Contains("no capacity in this zone", waiting.MachineRequests[0].Answer);
        await AssertFinishesAsync(cluster, before);

        string[] calls = ["by-hand host-b for position 1 1", "by-hand host-b for position 1 2", "by-hand host-b for position 1 3"];
        Assert.Equal(calls, File.ReadAllLines(Path.Combine(folders.Root, "calls")));
    }

    private static async Task<(long Committed, Epoch Epoch, int Silo)> KillAsync(HandMadeCluster cluster)
    {
        var status = await cluster.TrainsAsync(committed: 10);
        var report = HandMadeCluster.ReportOf(status, Lost);
        await cluster.LoseAsync(report);
        return (status.Committed.Value, status.Epoch, report.SiloProcessId);
    }

    private static async Task<JobStatus> AssertFinishesAsync(HandMadeCluster cluster, (long Committed, Epoch Epoch, int Silo) before)
    {
        var finished = await cluster.WaitAsync(status => status.Phase == JobPhase.Completed, "the end of the job");
        Assert.Equal(Iterations, finished.Committed.Value);
        Assert.True(finished.Epoch > before.Epoch);
        Assert.Empty(finished.MachineRequests);
        var recovery = Assert.Single(finished.Recoveries);
        Assert.Equal((FailureKind.Hardware, CopySource.Peer), (recovery.Kind, recovery.Source));
        Assert.InRange(recovery.ResumedIteration.Value, before.Committed, Iterations);
        return finished;
    }

    /// <summary>A command as a user might write it: it says what is wrong, or starts a host that outlives the command.</summary>
    private static string WriteScript(TestFolders folders)
    {
        var path = Path.Combine(folders.Root, "bring-up.sh");
        File.WriteAllText(path, $"""
            #!/bin/sh
            echo "$GEMINI_JOB $GEMINI_HOST $GEMINI_REASON $GEMINI_ATTEMPT" >> '{folders.Root}/calls'
            if [ "$GEMINI_ATTEMPT" -lt 3 ]; then echo 'no capacity in this zone' >&2; exit 1; fi
            setsid '{GeminiProcess.Path}' host --config "{folders.Root}/$GEMINI_HOST.json" < /dev/null > '{folders.Logs}/again.log' 2>&1 &
            echo started
            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
