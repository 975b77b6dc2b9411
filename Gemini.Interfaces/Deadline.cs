namespace Gemini.Interfaces;

/// <summary>
/// How long work on bytes may take before the one who waits for it gives up: a save, a fetch, a load, a step of a recovery. All of them are computed
/// here, from the bytes and from a rate. Pure.
/// </summary>
/// <remarks>
/// <c>floor + bytes / rate</c>, and at most the ceiling. The floor is there because a busy machine pauses for seconds, however few the bytes. The ceiling is
/// there because the one who waits wants to know at some time, however many they are. The rate is the least one that still counts as healthy
/// (<see cref="LeastRate"/>).
/// </remarks>
public static class Deadline
{
    /// <summary>
    /// Healthy work may be so many times slower than it was measured: another job on the machine, a capture beside training, a network that is shared.
    /// </summary>
    public const double Slowdown = 4;

    /// <summary>The least healthy rate while nothing was measured, in bytes per second: a network of 1 Gbit/s.</summary>
    public const double AssumedBytesPerSecond = 100e6;

    /// <param name="bytes">How many have to be moved. Not negative.</param>
    /// <param name="leastBytesPerSecond">The least healthy rate. If it is not above 0, only the ceiling is known.</param>
    /// <param name="floor">The shortest deadline.</param>
    /// <param name="ceiling">The longest one. If it is below the floor, the floor counts.</param>
    public static TimeSpan Of(long bytes, double leastBytesPerSecond, TimeSpan floor, TimeSpan ceiling)
    {
        if (ceiling <= floor) return floor;
        var seconds = leastBytesPerSecond > 0 ? Math.Max(0, bytes) / leastBytesPerSecond : double.PositiveInfinity;
        // Compared before it becomes a time, because a time cannot be as long.
        return seconds < (ceiling - floor).TotalSeconds ? floor + TimeSpan.FromSeconds(seconds) : ceiling;
    }

    /// <summary>The least rate that counts as healthy, in bytes per second.</summary>
    /// <param name="measuredBytesPerSecond">What was measured; null: nothing yet.</param>
    /// <param name="assumedBytesPerSecond">Used until then.</param>
    public static double LeastRate(double? measuredBytesPerSecond, double assumedBytesPerSecond) =>
        measuredBytesPerSecond is > 0 and var measured ? measured / Slowdown : assumedBytesPerSecond;
}
