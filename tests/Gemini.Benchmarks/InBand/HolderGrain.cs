using System.IO.Hashing;
using System.Runtime.InteropServices;
using Orleans.Placement;

namespace Gemini.Benchmarks.InBand;

/// <inheritdoc cref="IHolderGrain"/>
[PreferLocalPlacement]
public sealed unsafe class HolderGrain : Grain, IHolderGrain
{
    private byte* _memory;
    private long _bytes;

    public Task BeginAsync(long bytes)
    {
        if (bytes == _bytes) return Task.CompletedTask;
        NativeMemory.Free(_memory);
        _memory = (byte*)NativeMemory.AllocZeroed((nuint)bytes);
        _bytes = bytes;
        return Task.CompletedTask;
    }

    public Task StoreAsync(long offset, byte[] chunk, ulong hash)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + chunk.Length, _bytes);
        var target = new Span<byte>(_memory + offset, chunk.Length);
        chunk.CopyTo(target);
        if (XxHash3.HashToUInt64(target) != hash) throw new InvalidDataException("The chunk does not have its hash.");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        NativeMemory.Free(_memory);
        _memory = null;
        return Task.CompletedTask;
    }
}
