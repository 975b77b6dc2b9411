using Gemini.Cluster.Tests.Harness;
using Gemini.Silo.Processes;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>
/// SIGSTOP to each role in turn: no connection closes and none is refused. Then SIGCONT: the process finds that it is replaced and does no harm.
/// </summary>
public sealed class FreezeTests
{
    [Fact(Explicit = true)]
    [Trait(Rarely.Trait, Rarely.Value)]
    public async Task Demo_SiloThenStandbyAndTrainerThenRootsHostFreeze_EachThaws_EndsIdentical()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --hosts 3 --standby 1 --iterations 2500 --kill none");
        var at = await demo.WaitForIterationAsync(15);
        var root = demo.RootHosts()[^1];
        var others = new[] { "host-0", "host-1", "host-2" }.Where(host => host != root).ToArray();

        // Freeze only a silo: its trainer answers for the host. After SIGCONT the silo ends itself, and the next silo finds the same trainer.
        var away = demo.ProcessesOf(others[0]);
        ProcessSignals.Stop(away.Silo);
        at = (await demo.WaitForLineAsync($"{others[0]}: its silo is away, its trainers train on", Limits.Recovery, at)).Index;
        ProcessSignals.Continue(away.Silo);
        var adopted = await demo.WaitForProcessesAsync(others[0], now => now.Silo != away.Silo && now.Trainer != 0, "a new silo with a trainer", at);
        Assert.Equal(away.Trainer, adopted.Trainer);

        // Freeze a standby: no epoch begins. The next epoch begins only with the next failure, which is a trainer's.
        var standby = demo.ProcessesOf("host-3");
        ProcessSignals.Stop(standby.Silo);
        ProcessSignals.Stop(standby.Trainer);

        // Freeze only a trainer: no rank makes a step any more. This trainer does not answer, so the root agent names it, and its host ends it.
        ProcessSignals.Stop(demo.ProcessesOf(others[1]).Trainer);
        at = (await demo.WaitForLineAsync($"recovered from the software failure of {others[1]}", Limits.Recovery, at)).Index;

        // By now the standby was declared dead. After SIGCONT it ends and a fresh standby takes its place. The next failure needs that standby.
        ProcessSignals.Continue(standby.Trainer);
        ProcessSignals.Continue(standby.Silo);
        await demo.WaitForProcessesAsync("host-3", now => now.Silo != standby.Silo && now.Trainer != 0, "a fresh standby", at);

        // Freeze the whole host of the root agent. The next root agent asks its trainers, which it knows only from the record.
        root = demo.RootHosts()[^1];
        var frozen = demo.ProcessesOf(root);
        ProcessSignals.Stop(frozen.Silo);
        ProcessSignals.Stop(frozen.Trainer);
        at = (await demo.WaitForLineAsync($"recovered from the hardware failure of {root}", Limits.Recovery, at)).Index;
        ProcessSignals.Continue(frozen.Trainer);
        ProcessSignals.Continue(frozen.Silo);
        await demo.WaitForProcessesAsync(root, now => now.Silo != frozen.Silo && now.Trainer != 0 && now.Trainer != frozen.Trainer, "a fresh standby", at);
        // The kernel drops the trainer's lock, so that the next one can start, a moment before the process has ended.
        Assert.True(await ProcessTable.ExitsAsync(frozen.Trainer, Limits.Stop));

        var report = await demo.SucceedAsync();
        Assert.True(report.Identical);
        Assert.Equal([$"software {others[1]}", $"hardware {root}"], report.Failures.Select(failure => $"{failure.Kind} {failure.Host}"));
    }
}
