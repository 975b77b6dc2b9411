using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Tests.Persistence;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The silo's storage tier over real host memory and a store in plain memory.</summary>
public sealed class StoreStorageTierContractTests : StorageTierContract, IAsyncDisposable
{
    private readonly StorageFixture _host = new();

    public StoreStorageTierContractTests() => _host.Start();

    protected override IStorageTier Storage => _host.Storage;

    protected override IHostMemory Memory => _host.Memory.Memory;

    protected override HostState State => _host.State;

    protected override long PayloadBytes => TestMemory.PayloadBytes;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    protected override ContentHash Capture(int slot, SnapshotId snapshot) => _host.Memory.Capture(Zero, slot, snapshot);

    protected override void RotStored(SnapshotId snapshot) => _host.Store.Bytes(snapshot, Zero)[5000] ^= 1;

    protected override Task UntilAsync(Func<bool> condition, string what) => Wait.UntilAsync(condition, what);

    protected override T Run<T>(Func<Task<T>> call) => call().GetAwaiter().GetResult();
}
