using Gemini.Simulation.Cluster;
using Gemini.Simulation.Cluster.Ports;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Root;

/// <summary>The simulation's record store, as a root agent reaches it over the network.</summary>
public sealed class SimulatedRecordStoreTests : RecordStoreContract
{
    private protected override Task RunAsync(Func<Store, Task> test)
    {
        var loop = new EventLoop();
        return loop.Within(() =>
        {
            var world = new World(SimulationOptions.Draw(seed: 1), Defect.None, loop, new Trace(isOn: false));
            var caller = new Caller(world, world.Machines[0].Silo!);
            foreach (var machine in world.Machines) machine.KillSilo("nobody else is to use the store");
            var run = test(new Store(new RootRecords(world, caller), () => LoseAsync(world), lost => LoseAnswers(world, lost)));
            while (!run.IsCompleted && loop.RunNext(loop.Now + 60_000))
            {
            }

            return run;
        });
    }

    private static Task LoseAsync(World world)
    {
        world.Record.Lose();
        return Task.CompletedTask;
    }

    private static void LoseAnswers(World world, bool lost)
    {
        if (lost) world.Network.Cut(world.RedisNode, world.Machines[0].Index, bothWays: false);
        else world.Network.Mend(world.RedisNode, world.Machines[0].Index);
    }

    /// <summary>A caller that still calls although its silo has ended.</summary>
    private sealed class Caller(World world, Gemini.Simulation.Cluster.Silo silo) : Activation(world, silo)
    {
        public override bool Alive => true;
    }
}
