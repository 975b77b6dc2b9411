using System.Collections.Concurrent;
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
/// <param name="feedback">What replicas cost training, and how far they are held back for it.</param>
/// <param name="options">How much of a span is used.</param>
/// <param name="time">The clock.</param>
internal sealed class TrafficGate(
    CheckpointPolicy policy, TrainingNetwork network, TrafficFeedback feedback, TransferOptions options, TimeProvider time)
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

    /// <summary>What is sent to each holder, by owner: the size of one replica.</summary>
    private readonly ConcurrentDictionary<(Rank Owner, HostName Holder), long> _links = new();

    /// <summary>Whether replicas wait for idle spans, on paths without classes.</summary>
    public bool IsInUse => policy.WaitsForIdleSpans;

    /// <summary>What is known about the paths to holders.</summary>
    public PathBook Paths { get; } = new();

    /// <summary>Whether a transfer begins only when its capture is complete.</summary>
    public bool WaitsForCapture => policy.WaitsForCapture;

    /// <summary>
    /// What a sender may do now. All senders of a host share its network, so with n of them a part takes n times as long, and each may have an n-th on its
    /// way. Receivers are shared alike, because every host receives from as many owners as it sends to holders.
    /// </summary>
    /// <param name="bytes">Size of the part.</param>
    /// <param name="bytesPerSecond">How fast the path is; 0: unknown.</param>
    /// <param name="begun">When the replica began to be sent, as a timestamp of the clock.</param>
    public SendPermit Ask(int bytes, long bytesPerSecond, long begun)
    {
        if (!IsInUse) return new SendPermit(TimeSpan.Zero, SendRule.InFlightMax);
        var senders = Math.Max(1, feedback.Sending);
        var facts = network.Look() with
        {
            Length = bytesPerSecond > 0 ? new NetworkRate(TimeSpan.Zero, bytesPerSecond).TimeOf((long)bytes * senders) : TimeSpan.Zero,
            Age = time.GetElapsedTime(begun),
        };
        var (safety, tolerance) = Limits();
        if (SendRule.Decide(facts, safety, tolerance).MaySend()) return new SendPermit(TimeSpan.Zero, SendRule.InFlight(facts, safety) / senders);
        return new SendPermit(Bounded(SendRule.ShortestWait(facts, safety) - options.WatermarkPoll), TimeSpan.Zero);
    }

    /// <summary>A replica is being sent from now on, until <see cref="EndSending"/>.</summary>
    /// <param name="owner">Whose shard.</param>
    /// <param name="holder">The path's other end.</param>
    /// <param name="bytes">Size of the replica.</param>
    public void BeginSending(Rank owner, HostName holder, long bytes)
    {
        _links[(owner, holder)] = bytes;
        feedback.BeginSending();
    }

    /// <summary>A replica is not being sent any more.</summary>
    public void EndSending() => feedback.EndSending();

    /// <summary>No replica of this owner is sent to this holder any more.</summary>
    public void Forget(Rank owner, HostName holder) => _links.TryRemove((owner, holder), out _);

    /// <summary>The highest rate at which replicas may be sent to a holder; 0: any.</summary>
    public long RateLimitTowards(HostName holder) =>
        IsInUse && feedback.Throttle.RateShare is < 1 and var share ? (long)(Paths.RateOf(holder) * share) : 0;

    /// <summary>How replicas share the network with training; null if they do not wait for idle spans, or while these are not known.</summary>
    public TrafficReport? Report()
    {
        if (!IsInUse) return null;
        var facts = network.Look();
        if (!facts.IsTraining || facts.Spans.IsEmpty || facts.Iteration == TimeSpan.Zero) return null;
        var (safety, tolerance) = Limits();
        // A path that was not measured has no rate, so what it needs is not known.
        var links = _links.Where(link => IsInUseTowards(link.Key.Holder) && Paths.IsKnown(link.Key.Holder)).ToList();
        var rate = Math.Max(1, links.Select(link => Paths.RateOf(link.Key.Holder)).DefaultIfEmpty().Min());
        var outlook = TrafficOutlook.Of(
            facts.Spans, facts.Iteration, links.Sum(link => link.Value), new NetworkRate(TimeSpan.Zero, rate), safety, tolerance);
        return new TrafficReport(
            Milliseconds(facts.Iteration), Milliseconds(outlook.Idle), Milliseconds(outlook.Needed), outlook.Interval, feedback.Cost,
            feedback.Throttle.Level);
    }

    /// <summary>
    /// Whether replicas to this holder wait for idle spans. If the path has a lower class for background traffic, the network itself keeps them out of
    /// training's way, unless they turn out to cost too much all the same.
    /// </summary>
    public bool IsInUseTowards(HostName holder) => IsInUse && (!Paths.IsClassed(holder) || feedback.Throttle.Level > 0);

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

    /// <summary>μ and ε, as far as replicas are not held back.</summary>
    private (double Safety, double Tolerance) Limits()
    {
        var share = feedback.Throttle.SpanShare;
        return (options.SpanSafety * share, options.TrainingTolerance * share);
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);

    private TimeSpan Bounded(TimeSpan wait) => wait < options.WatermarkPoll ? options.WatermarkPoll : wait > WaitMax ? WaitMax : wait;
}
