namespace Gemini.Interfaces;

/// <summary>How fast bytes were moved, for <see cref="Deadline.LeastRate"/>. Any thread.</summary>
public sealed class MeasuredRate
{
    /// <summary>The share of the newest measurement in the average: a machine that becomes slower counts as slower after a few.</summary>
    private const double NewestShare = 0.25;

    private readonly Lock _gate = new();
    private double? _bytesPerSecond;

    /// <summary>The average, in which older measurements count less; null: nothing was measured yet.</summary>
    public double? BytesPerSecond
    {
        get { lock (_gate) return _bytesPerSecond; }
    }

    /// <summary>Takes a measurement in. One without bytes or without a time says nothing.</summary>
    public void Add(long bytes, TimeSpan elapsed)
    {
        if (bytes <= 0 || elapsed <= TimeSpan.Zero) return;
        var newest = bytes / elapsed.TotalSeconds;
        lock (_gate) _bytesPerSecond = _bytesPerSecond is { } before ? before + (NewestShare * (newest - before)) : newest;
    }
}
