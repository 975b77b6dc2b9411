using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary><c>kill -9</c> from another shell, with the process ids that the demo prints.</summary>
public sealed class OutsideKillTests
{
    [Fact(Explicit = true)]
    public async Task Demo_KilledFromOutside_TrainerThenHostThenSilo_EndsIdentical()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --hosts 3 --standby 1 --iterations 300 --kill none");
        var at = await demo.WaitForIterationAsync(15);
        List<long> committed = [];

        // Kill a trainer: its silo starts another one.
        committed.Add(demo.CommittedBefore(demo.Process.Output.All.Count));
        ProcessTable.Kill(demo.ProcessesOf("host-1").Trainer);
        at = await RecoveredAsync(demo, "software failure of host-1", at);

        // Kill a machine: silo, trainer and memory.
        var machine = demo.ProcessesOf("host-2");
        committed.Add(demo.CommittedBefore(demo.Process.Output.All.Count));
        ProcessTable.Kill(machine.Silo);
        ProcessTable.Kill(machine.Trainer);
        Directory.Delete(Directory.GetDirectories(demo.Folders.Memory).Select(job => Path.Combine(job, "host-2")).Single(), recursive: true);
        at = await RecoveredAsync(demo, "hardware failure of host-2", at);

        // Kill only a silo: the next silo finds its trainer.
        var before = demo.ProcessesOf("host-0");
        ProcessTable.Kill(before.Silo);
        var after = await demo.WaitForProcessesAsync("host-0", now => now.Silo != before.Silo && now.Trainer != 0, "a new silo with a trainer", at);
        Assert.Equal(before.Trainer, after.Trainer);

        var report = await demo.SucceedAsync();
        Assert.True(report.Identical);
        Assert.Equal(["software host-1 local", "hardware host-2 peer"], report.Failures.Select(failure => $"{failure.Kind} {failure.Host} {failure.Source}"));
        foreach (var (failure, atLeast) in report.Failures.Zip(committed)) RecoveryTests.AssertSound(failure, report, atLeast);
    }

    private static async Task<int> RecoveredAsync(DemoRun demo, string failure, int from) =>
        (await demo.WaitForLineAsync($"recovered from the {failure}", Limits.Recovery, from)).Index;
}
