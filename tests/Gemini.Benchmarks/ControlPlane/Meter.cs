using System.Diagnostics;

namespace Gemini.Benchmarks.ControlPlane;

/// <summary>Time and allocated bytes of something that is done again and again, on one thread.</summary>
internal sealed class Meter
{
    private readonly List<TimeSpan> _times = [];
    private long _bytes;

    public void Measure(Action work)
    {
        var (begun, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        work();
        _bytes += GC.GetAllocatedBytesForCurrentThread() - before;
        _times.Add(Stopwatch.GetElapsedTime(begun));
    }

    /// <summary>What was measured since the last call.</summary>
    public Measured Take()
    {
        var measured = new Measured(
            _times.Count, TimeSpan.FromTicks(_times.Sum(time => time.Ticks)), _times.DefaultIfEmpty().Max(), _bytes);
        _times.Clear();
        _bytes = 0;
        return measured;
    }
}
