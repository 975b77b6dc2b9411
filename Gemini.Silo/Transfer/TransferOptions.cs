using Gemini.Interfaces;

namespace Gemini.Silo.Transfer;

/// <summary>The bounds of every wait and queue between data ports. Section "advanced.transfer" of the configuration file.</summary>
public sealed record TransferOptions
{
    /// <summary>Longest wait for a connection. Range: above 0. Default: 1 s; a host of the same network answers in milliseconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest handshake, on either side. Range: above 0. Default: 3 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest time to send or receive one chunk, and to wait for an answer. Range: above 0. Default: 5 s.</summary>
    public TimeSpan ChunkTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a peer that received wrong bytes waits until the source has hashed its copy, at least. It waits longer for a large copy: by the time that
    /// its bytes take at a fourth of the rate at which copies were fetched, or at 100 MB/s before the first. Range: above 0. Default: 30 s.
    /// </summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest such wait, however large the copy is. Range: at least <see cref="CheckTimeout"/>. Default: 30 min.</summary>
    public TimeSpan CheckTimeoutMaximum { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long a sender waits for a capture that does not advance. Then the attempt fails, and the receiver's slot is free again. Range: above 0,
    /// below <see cref="ChunkTimeout"/>, because otherwise the receiver times out first. Default: 2 s.
    /// </summary>
    public TimeSpan CaptureStallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often a sender reads the watermark of a capture that it follows. Range: above 0. Default: 1 ms, less than the time to send a chunk.
    /// </summary>
    public TimeSpan WatermarkPoll { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// μ (paper §5.3): the share of an idle span of the training network in which replicas are sent, because spans vary. Range: above 0, at most 1.
    /// Default: 0.98.
    /// </summary>
    public double SpanSafety { get; set; } = 0.98;

    /// <summary>
    /// ε: by which share of an iteration replicas may slow training if its idle time is too short for them. Without any, they would be committed still
    /// more rarely. Range: 0 to 1. Default: 0.01.
    /// </summary>
    public double TrainingTolerance { get; set; } = 0.01;

    /// <summary>From how many iterations the idle spans of the training network are learnt. Range: 1 to 100. Default: 20, as in the paper (§5.4).</summary>
    public int ProfileIterations { get; set; } = 20;

    /// <summary>
    /// How long bursts are measured, on a path alone and beside a background flow in turn, before a new job begins to train. Range: above 0. Default: 1 s.
    /// </summary>
    public TimeSpan PathProbe { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a connection may be unused before the accepting side closes it. Range: above 0. Default: 60 s.</summary>
    public TimeSpan IdleConnectionTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause before the first retry; doubles up to <see cref="RetryDelayMaximum"/>. Range: above 0. Default: 100 ms.</summary>
    public TimeSpan RetryDelayMinimum { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause before a retry. Range: at least <see cref="RetryDelayMinimum"/>. Default: 1 s.</summary>
    public TimeSpan RetryDelayMaximum { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a fetch waits for a slot of its own host while another transfer uses it. Range: above 0. Default: 1 s.</summary>
    public TimeSpan SlotWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many peers a data port serves at the same time, after they have proved that they know the job's secret; more are refused. Range: 1 to
    /// 65535. Default: 256, more than ranks per host times peers.
    /// </summary>
    public int ConnectionsMaximum { get; set; } = 256;

    /// <summary>
    /// How many connections of a data port may wait for their peer's proof; for one more, the oldest is closed. Range: 1 to 65535. Default: 64. A
    /// handshake takes two round trips, so a peer loses its connection only if 64 strangers connect within that time.
    /// </summary>
    public int HandshakesMaximum { get; set; } = 64;

    /// <summary>How long a host may take to hash a copy of this size.</summary>
    /// <param name="bytes">Of the copy.</param>
    /// <param name="fetches">How fast copies were fetched. Hashing is faster.</param>
    internal TimeSpan CheckDeadline(long bytes, MeasuredRate fetches) =>
        Deadline.Of(bytes, Deadline.LeastRate(fetches.BytesPerSecond, Deadline.AssumedBytesPerSecond), CheckTimeout, CheckTimeoutMaximum);
}
