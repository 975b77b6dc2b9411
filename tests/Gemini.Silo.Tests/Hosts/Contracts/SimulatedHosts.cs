using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>A simulated world at its start: silos have started, and none has joined the cluster.</summary>
internal sealed class SimulatedHosts
{
    private readonly EventLoop _loop = new();
    private readonly World _world;

    public SimulatedHosts() => _world = _loop.Within(() => new World(SimulationOptions.Draw(1), Defect.None, _loop, new Trace(isOn: false)));

    public Gemini.Simulation.Cluster.Silo Silo => _world.Machines[0].Silo!;

    public static ulong ContentOf(SnapshotId snapshot) => unchecked((ulong)snapshot.Iteration.Value * 0x9E3779B97F4A7C15);

    /// <summary>Runs a call to its end in virtual time.</summary>
    public T Run<T>(Func<Task<T>> call)
    {
        var task = _loop.Within(() =>
        {
            var running = call();
            while (!running.IsCompleted) Assert.True(_loop.RunNext(_loop.Now + 10_000), "the call ends");
            return running;
        });
        return task.GetAwaiter().GetResult();
    }
}
