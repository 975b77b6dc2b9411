namespace Gemini.Grains.Scheduling;

/// <summary>The time that a message takes on a path: f(s) = α + s/B (paper §5.3). Counted in ticks, so a sum of times is exact.</summary>
/// <param name="Startup">α, the time that each message takes whatever its size. Not negative.</param>
/// <param name="BytesPerSecond">B, the bandwidth. Above 0.</param>
public readonly record struct NetworkRate(TimeSpan Startup, long BytesPerSecond)
{
    /// <summary>f(bytes), rounded up to a tick.</summary>
    public TimeSpan TimeOf(long bytes)
    {
        var ticks = ((Int128)bytes * TimeSpan.TicksPerSecond + BytesPerSecond - 1) / BytesPerSecond;
        return Startup + new TimeSpan((long)ticks);
    }

    /// <summary>The size of the largest message that this path carries in a time; 0 if not even one byte fits.</summary>
    public long BytesIn(TimeSpan time)
    {
        if (time <= Startup) return 0;
        return (long)Int128.Min(long.MaxValue, (Int128)(time - Startup).Ticks * BytesPerSecond / TimeSpan.TicksPerSecond);
    }
}
