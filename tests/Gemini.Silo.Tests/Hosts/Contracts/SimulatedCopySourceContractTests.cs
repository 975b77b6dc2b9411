using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;
using Gemini.Simulation.Cluster.Ports;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The simulation's copies: another machine's memory behind the simulated network.</summary>
public sealed class SimulatedCopySourceContractTests : CopySourceContract
{
    private readonly SimulatedHosts _hosts = SimulatedHosts.Joined();
    private readonly Gemini.Simulation.Cluster.Silo _source;
    private readonly Gemini.Simulation.Cluster.Silo _target;

    public SimulatedCopySourceContractTests()
    {
        (_source, _target) = (_hosts.SiloOf(0), _hosts.SiloOf(1));
        Copies = new CopiesPort(_hosts.World, _target);
    }

    protected override ICopySource Copies { get; }

    protected override IHostMemory Source => _source.Memory;

    protected override IHostMemory Target => _target.Memory;

    protected override string Endpoint => CopiesPort.EndpointOf(_source.Host);

    protected override string NobodysEndpoint => "data:nobody";

    protected override long PayloadBytes => Slot.BytesOf(Zero);

    protected override ContentHash Capture(bool atSource, int slot, SnapshotId snapshot) =>
        SimulatedHosts.Capture(atSource ? _source : _target, Zero, slot, snapshot);

    protected override void RotAtSource(int slot) => SimulatedHosts.SlotOf(_source, Zero, slot).Rot();

    protected override void MistakeOwnHash(int slot, SnapshotId snapshot)
    {
        Capture(atSource: false, slot, snapshot);
        SimulatedHosts.SlotOf(_target, Zero, slot).MistakeHash(bit: 3);
    }

    protected override T Run<T>(Func<Task<T>> call) => _hosts.Run(call);
}
