namespace Gemini.Silo.Transfer;

/// <summary>The bounds of every wait and queue between data ports. Section "advanced.transfer" of the configuration file.</summary>
public sealed record TransferOptions
{
    /// <summary>Longest wait for a connection. Range: above 0. Default: 1 s; a host of the same network answers in milliseconds.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest handshake, on either side. Range: above 0. Default: 3 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest time for one chunk to leave or to arrive, and for an answer. Range: above 0. Default: 5 s.</summary>
    public TimeSpan ChunkTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Longest wait for a host that hashes its own copy because it was found bad. Range: above 0. Default: 30 s, for a shard of
    /// some 100 GB.
    /// </summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a sender waits for a capture that does not advance before it gives the receiver's slot back. Range: above 0,
    /// below <see cref="ChunkTimeout"/>, or the receiver gives up first. Default: 2 s.
    /// </summary>
    public TimeSpan CaptureStallTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a sender looks at the watermark of a capture it follows. Range: above 0. Default: 1 ms, less than a chunk takes to send.</summary>
    public TimeSpan WatermarkPoll { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a connection may be unused before the accepting side closes it. Range: above 0. Default: 60 s.</summary>
    public TimeSpan IdleConnectionTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Pause before the first retry; doubles up to <see cref="RetryDelayMaximum"/>. Range: above 0. Default: 100 ms.</summary>
    public TimeSpan RetryDelayMinimum { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause before a retry. Range: at least <see cref="RetryDelayMinimum"/>. Default: 1 s.</summary>
    public TimeSpan RetryDelayMaximum { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a fetch waits for a slot of its own host that another transfer still uses. Range: above 0. Default: 1 s.</summary>
    public TimeSpan SlotWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Peers that a data port serves at a time, after they have proved that they know the job's secret; more are refused. Range: 1 to
    /// 65535. Default: 256, which is ranks per host times peers with room to spare.
    /// </summary>
    public int ConnectionsMaximum { get; set; } = 256;

    /// <summary>
    /// Connections of a data port whose peer has not proved itself yet; for one more, the oldest is closed. Range: 1 to 65535. Default: 64:
    /// a handshake takes two round trips, so a peer is dropped only if 64 strangers connect within these.
    /// </summary>
    public int HandshakesMaximum { get; set; } = 64;
}
