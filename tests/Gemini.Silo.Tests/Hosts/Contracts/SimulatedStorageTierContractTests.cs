using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Cluster.Ports;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The simulation's storage tier.</summary>
public sealed class SimulatedStorageTierContractTests : StorageTierContract
{
    private readonly SimulatedHosts _hosts = SimulatedHosts.Joined();
    private readonly Gemini.Simulation.Cluster.Silo _silo;
    private readonly StoragePort _storage;

    public SimulatedStorageTierContractTests()
    {
        _silo = _hosts.SiloOf(0);
        _storage = new StoragePort(_hosts.World, _silo);
        _hosts.Within(() =>
        {
            _silo.Launch(_storage.RunAsync);
            return _storage;
        });
    }

    protected override IStorageTier Storage => _storage;

    protected override IHostMemory Memory => _silo.Memory;

    protected override HostState State => _silo.State;

    protected override long PayloadBytes => Slot.BytesOf(Zero);

    protected override ContentHash Capture(int slot, SnapshotId snapshot) => SimulatedHosts.Capture(_silo, Zero, slot, snapshot);

    protected override void RotStored(SnapshotId snapshot) => _hosts.World.Storage.RotNewest();

    protected override Task UntilAsync(Func<bool> condition, string what)
    {
        _hosts.RunUntil(condition, what);
        return Task.CompletedTask;
    }

    protected override T Run<T>(Func<Task<T>> call) => _hosts.Run(call);
}
