using Gemini.Cluster.Tests.Harness;

namespace Gemini.Cluster.Tests.Demos;

/// <summary>SIGSTOP to each role in turn: nothing closes, nothing is refused. And SIGCONT: what thaws finds itself replaced and does no harm.</summary>
public sealed class FreezeTests
{
    [Fact]
    public async Task Demo_SiloThenStandbyAndTrainerThenRootsHostFreeze_EachThaws_EndsIdentical()
    {
        using var demo = DemoRun.Start("--model gpt2-nano --hosts 3 --standby 1 --iterations 2500 --kill none");
        var at = await demo.WaitForIterationAsync(15);
        var root = demo.RootHosts()[^1];
        var others = new[] { "host-0", "host-1", "host-2" }.Where(host => host != root).ToArray();

        // A silo alone: its trainer answers for the host. Thawed, it ends itself; the next one finds the same trainer.
        var exposed = demo.ProcessesOf(others[0]);
        ProcessTable.Send(exposed.Silo, Signal.Stop);
        at = (await demo.WaitForLineAsync($"exposed: {others[0]}: its silo is gone, its trainers go on", Limits.Recovery, at)).Index;
        ProcessTable.Send(exposed.Silo, Signal.Continue);
        var adopted = await demo.WaitForProcessesAsync(others[0], now => now.Silo != exposed.Silo && now.Trainer != 0, "a new silo with a trainer", at);
        Assert.Equal(exposed.Trainer, adopted.Trainer);

        // A standby: nobody misses it, and nothing but the next failure, which is a trainer's, starts an epoch.
        var standby = demo.ProcessesOf("host-3");
        ProcessTable.Send(standby.Silo, Signal.Stop);
        ProcessTable.Send(standby.Trainer, Signal.Stop);

        // A trainer alone: no step is made any more; it does not answer, so it is the one, and is ended.
        ProcessTable.Send(demo.ProcessesOf(others[1]).Trainer, Signal.Stop);
        at = (await demo.WaitForLineAsync($"recovered from the software failure of {others[1]}", Limits.Recovery, at)).Index;

        // By now the standby is long held for dead. Thawed, it makes room for a fresh one, which the next failure needs.
        ProcessTable.Send(standby.Trainer, Signal.Continue);
        ProcessTable.Send(standby.Silo, Signal.Continue);
        await demo.WaitForProcessesAsync("host-3", now => now.Silo != standby.Silo && now.Trainer != 0, "a fresh standby", at);

        // The root agent's whole host: another root agent, who never heard of its trainers but from the record, asks them.
        root = demo.RootHosts()[^1];
        var frozen = demo.ProcessesOf(root);
        ProcessTable.Send(frozen.Silo, Signal.Stop);
        ProcessTable.Send(frozen.Trainer, Signal.Stop);
        at = (await demo.WaitForLineAsync($"recovered from the hardware failure of {root}", Limits.Recovery, at)).Index;
        ProcessTable.Send(frozen.Trainer, Signal.Continue);
        ProcessTable.Send(frozen.Silo, Signal.Continue);
        await demo.WaitForProcessesAsync(root, now => now.Silo != frozen.Silo && now.Trainer != 0 && now.Trainer != frozen.Trainer, "a fresh standby", at);
        // The kernel drops its lock, which lets the fresh one start, before it is quite gone.
        Assert.True(await ProcessTable.ExitsAsync(frozen.Trainer, Limits.Stop));

        var report = await demo.SucceedAsync();
        Assert.True(report.Identical);
        Assert.Equal([$"software {others[1]}", $"hardware {root}"], report.Failures.Select(failure => $"{failure.Kind} {failure.Host}"));
    }
}
