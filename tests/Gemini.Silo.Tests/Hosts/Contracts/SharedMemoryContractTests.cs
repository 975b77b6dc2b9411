using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The silo's host memory: files in shared memory.</summary>
public sealed class SharedMemoryContractTests : HostMemoryContract, IDisposable
{
    private readonly TestMemory _host = new();

    protected override IHostMemory Memory => _host.Memory;

    public void Dispose() => _host.Dispose();

    protected override long PayloadBytesOf(Rank owner) => TestMemory.PayloadBytes;

    protected override ContentHash Capture(Rank owner, int slot, SnapshotId snapshot) => _host.Capture(owner, slot, snapshot);

    protected override bool ReceiveFromPeer(Rank owner, SnapshotId snapshot, Epoch epoch, long keep = 0)
    {
        using var lease = _host.Memory.TryBeginReceive(TestMemory.Request(owner.Value, snapshot, keep, epoch.Value)).Lease;
        if (lease is null) return false;
        TestMemory.Receive(lease);
        return lease.Seal(lease.Slot.Segment.HashOfChunkTable()) == SealOutcome.Sealed;
    }

    protected override T Run<T>(Func<Task<T>> call) => call().GetAwaiter().GetResult();
}
