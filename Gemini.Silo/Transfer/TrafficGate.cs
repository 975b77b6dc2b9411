using Gemini.Grains.Scheduling;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Transfer;

/// <summary>
/// The gate of a host for its replicas: each sender asks before each part. It opens in the idle spans of the training network and closes when a
/// trainer uses it (paper §5). In a mode that does not wait for idle spans it is always open.
/// </summary>
/// <remarks>Thread-safe. Asking waits for nothing.</remarks>
/// <param name="policy">What the job's checkpoint mode means.</param>
/// <param name="network">How the host's trainers use the network.</param>
/// <param name="options">How much of a span is used.</param>
/// <param name="time">The clock.</param>
internal sealed class TrafficGate(CheckpointPolicy policy, TrainingNetwork network, TransferOptions options, TimeProvider time)
{
    /// <summary>The largest part that is sent at once.</summary>
    public const int PartBytesMax = 64 * 1024;

    /// <summary>The smallest part of a chunk that is larger. With smaller ones, a sender would mostly ask and not send.</summary>
    public const int PartBytesMin = 16 * 1024;

    /// <summary>
    /// How much may be on its way, as time on the path. What is on its way when training begins to use the network makes training wait that long. The
    /// kernel reports every millisecond, so with less the path would be empty at times.
    /// </summary>
    public static readonly TimeSpan InFlight = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// The longest wait for a span, however long training will use the network. So a sender soon sees that its replica is not wanted any more, or that
    /// training stands still.
    /// </summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether replicas wait for idle spans, on paths without classes.</summary>
    public bool IsInUse => policy.WaitsForIdleSpans;

    /// <summary>What is known about the paths to holders.</summary>
    public PathBook Paths { get; } = new();

    /// <summary>Whether a transfer begins only when its capture is complete.</summary>
    public bool WaitsForCapture => policy.WaitsForCapture;

    /// <summary>How long a sender waits before it asks again. Zero: it may send a part now.</summary>
    /// <param name="bytes">Size of the part.</param>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    /// <param name="begun">When the replica began to be sent, as a timestamp of the clock.</param>
    public TimeSpan WaitFor(int bytes, long bytesPerSecond, long begun)
    {
        if (!IsInUse) return TimeSpan.Zero;
        var facts = network.Look() with
        {
            Length = bytesPerSecond > 0 ? new NetworkRate(TimeSpan.Zero, bytesPerSecond).TimeOf(bytes) : TimeSpan.Zero,
            Age = time.GetElapsedTime(begun),
        };
        if (SendRule.Decide(facts, options.SpanSafety, options.TrainingTolerance).MaySend()) return TimeSpan.Zero;
        var wait = SendRule.ShortestWait(facts, options.SpanSafety) - options.WatermarkPoll;
        return wait < options.WatermarkPoll ? options.WatermarkPoll : wait > WaitMax ? WaitMax : wait;
    }

    /// <summary>
    /// Whether replicas to this holder wait for idle spans. If the path has a lower class for background traffic, the network itself keeps them out of
    /// training's way.
    /// </summary>
    public bool IsInUseTowards(HostName holder) => IsInUse && !Paths.IsClassed(holder);

    /// <summary>How many bytes may be on their way to a peer.</summary>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    public static long InFlightBytes(long bytesPerSecond) => Math.Max(PartBytesMax, (long)(bytesPerSecond * InFlight.TotalSeconds));

    /// <summary>
    /// How many bytes are sent at once: a quarter of what may be on its way. So a sender that looks once a millisecond adds to the path before it is
    /// empty.
    /// </summary>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    public static int PartBytes(long bytesPerSecond) => (int)Math.Clamp(InFlightBytes(bytesPerSecond) / 4, PartBytesMin, PartBytesMax);
}
