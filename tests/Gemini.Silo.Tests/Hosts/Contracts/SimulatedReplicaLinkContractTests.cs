using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Cluster.Ports;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The simulation's link between two machines.</summary>
public sealed class SimulatedReplicaLinkContractTests : ReplicaLinkContract
{
    private readonly SimulatedHosts _hosts = SimulatedHosts.Joined();
    private readonly Gemini.Simulation.Cluster.Silo _owner;
    private readonly Gemini.Simulation.Cluster.Silo _holder;

    public SimulatedReplicaLinkContractTests()
    {
        (_owner, _holder) = (_hosts.SiloOf(0), _hosts.SiloOf(1));
        Assert.Equal(Holder, _holder.Host);
        Link = _hosts.Within(() => new ReplicaLink(_hosts.World, _owner, Zero, Holder));
    }

    protected override IReplicaLink Link { get; }

    protected override IHostMemory OwnersMemory => _owner.Memory;

    protected override IHostMemory HoldersMemory => _holder.Memory;

    protected override long PayloadBytes => Slot.BytesOf(Zero);

    protected override ContentHash Capture(int slot, SnapshotId snapshot) => SimulatedHosts.Capture(_owner, Zero, slot, snapshot);

    protected override void RotAtOwner(int slot) => SimulatedHosts.SlotOf(_owner, Zero, slot).Rot();

    protected override Task UntilAsync(Func<bool> condition, string what)
    {
        _hosts.RunUntil(condition, what);
        return Task.CompletedTask;
    }
}
