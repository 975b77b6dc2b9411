using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Runs;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>A simulated world in which no job runs.</summary>
internal sealed class SimulatedHosts
{
    private readonly EventLoop _loop = new();

    /// <summary>At its start: silos have started, and none has joined the cluster.</summary>
    public SimulatedHosts()
        : this(SimulationOptions.Draw(1))
    {
    }

    private SimulatedHosts(SimulationOptions options, Defect defect = Defect.None) =>
        World = _loop.Within(() => new World(options, defect, _loop, new Trace(isOn: false)));

    public World World { get; }

    public Gemini.Simulation.Cluster.Silo Silo => SiloOf(0);

    /// <summary>Two silos have joined the cluster. The third host of the job is lost, so the job waits for it and tells nobody anything.</summary>
    public static SimulatedHosts Joined(Defect defect = Defect.None)
    {
        var shape = SimulationOptions.WithoutFaults(hosts: 3, replicas: 2, standbys: 0) with { Storage = new StoragePolicy() };
        var hosts = new SimulatedHosts(shape, defect);
        hosts._loop.Within(() =>
        {
            hosts.World.Machines[2].KillSilo("a contract has two hosts");
            while (!hosts.SiloOf(0).IsMember || !hosts.SiloOf(1).IsMember) Assert.True(hosts._loop.RunNext(hosts._loop.Now + 10_000), "two silos join");
        });
        return hosts;
    }

    public Gemini.Simulation.Cluster.Silo SiloOf(int machine) => World.Machines[machine].Silo!;

    public static Slot SlotOf(Gemini.Simulation.Cluster.Silo silo, Rank owner, int slot) => silo.Machine.Memory.Find(owner)!.Slots[slot];

    /// <summary>Writes and seals a snapshot as the owner's trainer does.</summary>
    public static ContentHash Capture(Gemini.Simulation.Cluster.Silo silo, Rank owner, int slot, SnapshotId snapshot)
    {
        var into = SlotOf(silo, owner, slot);
        into.BeginWrite(snapshot);
        into.Seal(ContentOf(snapshot));
        return into.Hash;
    }

    public static ulong ContentOf(SnapshotId snapshot) => unchecked((ulong)snapshot.Iteration.Value * 0x9E3779B97F4A7C15);

    /// <summary>Runs code as what happens in the world.</summary>
    public T Within<T>(Func<T> code) => _loop.Within(code);

    /// <inheritdoc cref="Within{T}"/>
    public void Within(Action code) => _loop.Within(code);

    /// <summary>Lets this much virtual time pass.</summary>
    public void Pass(long milliseconds) => _loop.Within(() => _loop.RunUntil(_loop.Now + milliseconds));

    /// <summary>Lets virtual time pass until the condition holds, a minute at most.</summary>
    public void RunUntil(Func<bool> condition, string what) => _loop.Within(() =>
    {
        var end = _loop.Now + 60_000;
        while (!condition()) Assert.True(_loop.RunNext(end), what);
    });

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
