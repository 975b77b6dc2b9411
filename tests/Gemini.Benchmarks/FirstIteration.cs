using System.Diagnostics;

namespace Gemini.Benchmarks;

/// <summary>The first iteration of a training process, which comes before the first save.</summary>
internal static class FirstIteration
{
    /// <summary>As short as that of a large model is.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(2);

    /// <summary>Reads the state for so long, as arithmetic would.</summary>
    public static unsafe void Compute(IReadOnlyCollection<(nint Address, long Bytes)> state)
    {
        var sum = 0;
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Length;)
        {
            foreach (var (address, bytes) in state) sum += new ReadOnlySpan<byte>((void*)address, (int)Math.Min(bytes, int.MaxValue)).Count((byte)1);
        }

        GC.KeepAlive(sum);
    }
}
