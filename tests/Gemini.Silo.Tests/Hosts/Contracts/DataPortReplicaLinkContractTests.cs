using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Tests.Transfer;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The silo's sender and data port: real sockets and shared memory.</summary>
public sealed class DataPortReplicaLinkContractTests : ReplicaLinkContract, IAsyncLifetime
{
    private readonly TestHost _owner = new();
    private readonly TestHost _holder = new();
    private IReplicaLink? _link;

    protected override IReplicaLink Link =>
        _link ??= _owner.NewSenders(TestHost.OpenGate).Open(Zero, Holder, () => _holder.Endpoint);

    protected override IHostMemory OwnersMemory => _owner.Memory;

    protected override IHostMemory HoldersMemory => _holder.Memory;

    protected override long PayloadBytes => TestMemory.PayloadBytes;

    public async ValueTask InitializeAsync() => await _holder.ListenAsync();

    public async ValueTask DisposeAsync()
    {
        if (_link is not null) await _link.DisposeAsync();
        await _owner.DisposeAsync();
        await _holder.DisposeAsync();
    }

    protected override ContentHash Capture(int slot, SnapshotId snapshot) => _owner.Files.Capture(Zero, slot, snapshot);

    protected override void RotAtOwner(int slot)
    {
        using var trainer = _owner.Files.Trainer(Zero, slot);
        trainer.Segment.Chunk(3)[0] ^= 1;
    }

    protected override Task UntilAsync(Func<bool> condition, string what) => Wait.UntilAsync(condition, what);
}
