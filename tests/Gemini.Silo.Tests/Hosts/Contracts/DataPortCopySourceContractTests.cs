using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Tests.Transfer;

namespace Gemini.Silo.Tests.Hosts.Contracts;

/// <summary>The silo's fetcher and data port: real sockets and shared memory.</summary>
public sealed class DataPortCopySourceContractTests : CopySourceContract, IAsyncLifetime
{
    private readonly TestHost _source = new();
    private readonly TestHost _target = new();

    protected override ICopySource Copies => _target.Fetcher;

    protected override IHostMemory Source => _source.Memory;

    protected override IHostMemory Target => _target.Memory;

    protected override string Endpoint => _source.Endpoint;

    protected override string NobodysEndpoint { get; } = $"127.0.0.1:{TestPorts.Next()}";

    protected override long PayloadBytes => TestMemory.PayloadBytes;

    public async ValueTask InitializeAsync() => await _source.ListenAsync();

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    protected override ContentHash Capture(bool atSource, int slot, SnapshotId snapshot) =>
        (atSource ? _source : _target).Files.Capture(Zero, slot, snapshot);

    protected override void RotAtSource(int slot)
    {
        using var trainer = _source.Files.Trainer(Zero, slot);
        trainer.Segment.Chunk(3)[0] ^= 1;
    }

    protected override void MistakeOwnHash(int slot, SnapshotId snapshot)
    {
        using var trainer = _target.Files.Trainer(Zero, slot);
        trainer.Begin(snapshot);
        for (var index = 0; index < trainer.Segment.ChunkCount; index++) trainer.WriteChunk(index);
        trainer.Segment.ChunkHashes[2]++;
        trainer.Segment.Seal();
    }

    protected override T Run<T>(Func<Task<T>> call) => call().GetAwaiter().GetResult();
}
