using System.Globalization;

namespace Gemini.Grains.Scheduling;

/// <summary>
/// How a path between two hosts treats background traffic: a burst as training sends it was timed alone, and beside a background flow that never ends.
/// </summary>
/// <param name="BytesPerSecond">How fast the burst is alone.</param>
/// <param name="Alone">Median time of a burst, from its first byte to the peer's answer.</param>
/// <param name="Beside">The same beside the background flow.</param>
/// <param name="BackgroundBytesPerSecond">How fast the background flow was meanwhile.</param>
public sealed record PathMeasurement(long BytesPerSecond, TimeSpan Alone, TimeSpan Beside, long BackgroundBytesPerSecond)
{
    /// <summary>A path with a lower class for background traffic slows a burst by no more than this.</summary>
    public const double InflationMax = 1.02;

    /// <summary>How much longer a burst takes beside background traffic.</summary>
    public double Inflation => Alone > TimeSpan.Zero ? Beside / Alone : double.PositiveInfinity;

    /// <summary>
    /// Whether the narrowest link on the way has a lower class for background traffic and uses it. Replicas may then be sent at any time. Otherwise they
    /// have to wait for idle spans.
    /// </summary>
    public bool IsClassed => Inflation <= InflationMax;

    /// <summary>One line, for people.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{BytesPerSecond * 8 / 1e9:0.###} Gbit/s; a burst of training takes {Alone.TotalMilliseconds:0.0} ms alone and {Beside.TotalMilliseconds:0.0} ms ")
        + string.Create(CultureInfo.InvariantCulture, $"beside background traffic ({Inflation:0.00}x): {(IsClassed ? "classed" : "unclassed")}");
}
