using Gemini.Grains.Scheduling;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

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
    /// <summary>The most that a sender waits for. While the rate of a path is not known, no more than this is on its way.</summary>
    public const int PartBytesMax = 64 * 1024;

    /// <summary>The smallest part of a chunk that is larger. With smaller ones, a sender would mostly ask and not send.</summary>
    public const int PartBytesMin = 16 * 1024;

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

    /// <summary>What a sender may do now.</summary>
    /// <param name="bytes">Size of the part.</param>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    /// <param name="begun">When the replica began to be sent, as a timestamp of the clock.</param>
    public SendPermit Ask(int bytes, long bytesPerSecond, long begun)
    {
        if (!IsInUse) return new SendPermit(TimeSpan.Zero, SendRule.InFlightMax);
        var facts = network.Look() with
        {
            Length = bytesPerSecond > 0 ? new NetworkRate(TimeSpan.Zero, bytesPerSecond).TimeOf(bytes) : TimeSpan.Zero,
            Age = time.GetElapsedTime(begun),
        };
        if (SendRule.Decide(facts, options.SpanSafety, options.TrainingTolerance).MaySend())
            return new SendPermit(TimeSpan.Zero, SendRule.InFlight(facts, options.SpanSafety));
        return new SendPermit(Bounded(SendRule.ShortestWait(facts, options.SpanSafety) - options.WatermarkPoll), TimeSpan.Zero);
    }

    /// <summary>
    /// Whether replicas to this holder wait for idle spans. If the path has a lower class for background traffic, the network itself keeps them out of
    /// training's way.
    /// </summary>
    public bool IsInUseTowards(HostName holder) => IsInUse && !Paths.IsClassed(holder);

    /// <summary>
    /// How fast the path to a holder is; 0: unknown. Never faster than it was measured: the kernel's rate is that of the newest bytes, and some links let
    /// a short burst pass many times faster than what follows. Slower than measured only if the path itself held up the newest bytes.
    /// </summary>
    /// <param name="holder">The path's other end.</param>
    /// <param name="queue">What the kernel says of the connection.</param>
    public long RateTowards(HostName holder, in TcpQueue queue)
    {
        var (measured, newest) = (Paths.RateOf(holder), queue.BytesPerSecond);
        if (measured == 0) return newest;
        return newest == 0 || queue.IsRateOfSender ? measured : Math.Min(newest, measured);
    }

    /// <summary>How many bytes may be on their way to a peer.</summary>
    /// <param name="time">The same as time on the path.</param>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    public static long InFlightBytes(TimeSpan time, long bytesPerSecond) =>
        bytesPerSecond == 0 ? PartBytesMax : Math.Max(PartBytesMin, (long)(bytesPerSecond * time.TotalSeconds));

    /// <summary>The least that is sent at once: a quarter of <see cref="SendRule.InFlightMin"/>.</summary>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    public static int PartBytes(long bytesPerSecond) =>
        (int)Math.Clamp(InFlightBytes(SendRule.InFlightMin, bytesPerSecond) / 4, PartBytesMin, PartBytesMax);

    /// <summary>How long a sender waits that has enough on its way: until half of it has left.</summary>
    /// <param name="queued">Bytes on their way.</param>
    /// <param name="limit">How many may be.</param>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    public TimeSpan UntilHalf(long queued, long limit, long bytesPerSecond) =>
        Bounded(bytesPerSecond == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((queued - (limit / 2.0)) / bytesPerSecond));

    private TimeSpan Bounded(TimeSpan wait) => wait < options.WatermarkPoll ? options.WatermarkPoll : wait > WaitMax ? WaitMax : wait;
}
