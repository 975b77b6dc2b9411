using System.Runtime.InteropServices;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Benchmarks;

/// <summary>The tensors of a shard, in memory of their own.</summary>
/// <remarks>Ownership: frees the memory when it is disposed.</remarks>
internal sealed unsafe class NativeTensors : IDisposable
{
    /// <summary>About as large as a weight matrix of a large model, and no multiple of a chunk.</summary>
    private const long TensorBytes = 25_165_828;

    private const int Alignment = 64;

    /// <param name="bytes">Size of all together.</param>
    public NativeTensors(long bytes)
    {
        for (long done = 0; done < bytes; done += TensorBytes)
        {
            var length = Math.Min(TensorBytes, bytes - done);
            All.Add(((nint)NativeMemory.AlignedAlloc((nuint)length, Alignment), length));
        }
    }

    public List<(nint Address, long Length)> All { get; } = [];

    /// <summary>A content that differs from page to page.</summary>
    public NativeTensors Fill()
    {
        foreach (var (index, (address, length)) in All.Index()) new Random(index).NextBytes(new Span<byte>((void*)address, (int)length));
        return this;
    }

    /// <summary>The training state that consists of them.</summary>
    public TrainingState State()
    {
        var state = new TrainingState();
        foreach (var (index, (address, length)) in All.Index()) state.Add($"weights.{index}", SafetensorsType.U8, [length], address, length);
        return state;
    }

    /// <summary>The shard that consists of them. The caller disposes it first.</summary>
    public ShardImage Image() => new(State(), rank: 0, worldSize: 1);

    public void Dispose()
    {
        foreach (var (address, _) in All) NativeMemory.AlignedFree((void*)address);
    }
}
