using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The simulation's host memory.</summary>
public sealed class SimulatedMemoryContractTests : HostMemoryContract
{
    private readonly SimulatedHosts _hosts = new();

    protected override IHostMemory Memory => _hosts.Silo.Memory;

    protected override long PayloadBytesOf(Rank owner) => Slot.BytesOf(owner);

    protected override ContentHash Capture(Rank owner, int slot, SnapshotId snapshot) => SimulatedHosts.Capture(_hosts.Silo, owner, slot, snapshot);

    protected override bool ReceiveFromPeer(Rank owner, SnapshotId snapshot, Epoch epoch, long keep = 0)
    {
        var (memory, receiver) = (_hosts.Silo.Machine.Memory, new object());
        var content = SimulatedHosts.ContentOf(snapshot);
        var (slot, _) = memory.TryReceive(receiver, owner, snapshot, epoch, new Iteration(keep), fromPeer: true);
        if (slot is null || !memory.Seal(receiver, slot, epoch, new ContentHash(content), content)) return false;
        _hosts.Silo.Memory.NoteSealed(slot);
        return true;
    }

    protected override T Run<T>(Func<Task<T>> call) => _hosts.Run(call);
}
