namespace Gemini.Grains.Health;

/// <summary>
/// How long the root agent waits before it takes silence for failure. Section "health" of a host's configuration file: each host's own counts
/// while the root agent runs on it, so let them be the same.
/// </summary>
public sealed record HealthOptions
{
    /// <summary>
    /// How long a host may be without a silo while its trainers go on training. A silo that crashed adopts its
    /// segments and trainers when it is back, so waiting costs no iteration; but meanwhile nothing is committed. Range:
    /// above 0. Default: 30 s; a silo is back after 3 s, and after 14 s where ten processes wait for each core.
    /// </summary>
    public TimeSpan SiloGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a trainer that lost a peer waits for a better explanation (a dead trainer, a dead host) before the broken
    /// ring itself is the failure. Range: above 0. Default: 1 s, ten times what a dead host takes to be seen.
    /// </summary>
    public TimeSpan LostPeerGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// No step of any rank for this many times the job's median iteration means that a trainer hangs, not before
    /// <see cref="StuckFloor"/>. Range: above 1. Default: 5. To be raised for a job that pauses between iterations (evaluation).
    /// </summary>
    public double StuckMultiple { get; set; } = 5;

    /// <summary>The least time without a step that means a hang. Range: above 0. Default: 10 s: a busy machine pauses for seconds.</summary>
    public TimeSpan StuckFloor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The same while trainers load, in the first iteration of an epoch, and while the last snapshot is committed. Range: at least
    /// <see cref="StuckFloor"/>. Default: 120 s: 30 GB a rank, from a memory that gives 1 GB/s, four times over.
    /// </summary>
    public TimeSpan LoadLimit { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// The least time that a snapshot which every rank has captured may wait for its commit before it is abandoned; after twice as long a new
    /// epoch is begun. Range: above <see cref="Recovery.CoordinatorOptions.StuckSnapshotLimit"/>. Default: 30 s, ten times the longest commit
    /// that was seen on a machine where ten processes wait for each core.
    /// </summary>
    public TimeSpan CommitFloor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same in median iterations; the longer one counts. Range: above 2. Default: 10; a healthy commit takes less than 2.</summary>
    public double CommitMultiple { get; set; } = 10;

    /// <summary>How long a new root agent waits for hosts to report before it decides without them. Range: above 0. Default: 3 s.</summary>
    public TimeSpan FormingLimit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long after the restart of a whole job the hosts that have not reported yet are given, before other hosts take in copies of what
    /// they hold. Range: not negative. Default: 10 s: scripts and people start hosts one after the other, and a copy of a shard that its
    /// host brings a moment later is gigabytes over the network for nothing.
    /// </summary>
    public TimeSpan RestartGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a problem that a live host reports has to stand before the host loses its position to a standby. Range:
    /// above 0. Default: 10 s; what passes by itself, passes within one or two retries.
    /// </summary>
    public TimeSpan ProblemGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a host may take to stop its trainers, besides the time for a capture that runs: 5 s until a trainer
    /// that does not answer is killed, 5 s until a killed one is gone. Range: at least both of these. Default: 10 s.
    /// </summary>
    public TimeSpan StopLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a trainer may take to come up. Range: at least what the hosts allow. Default: 120 s, what hosts allow.
    /// </summary>
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Bytes per second at which a host copies between memories at the very least. Range: above 0. Default: 100 MB/s, a
    /// network of 1 Gbit/s.
    /// </summary>
    public double CopyRateFloorBytesPerSecond { get; set; } = 100e6;

    /// <summary>
    /// The same for persistent storage. Range: above 0. Default: 10 MB/s: many hosts share one store.
    /// </summary>
    public double StorageRateFloorBytesPerSecond { get; set; } = 10e6;

    /// <summary>
    /// What every step may take longer. Range: above 0. Default: 10 s: a busy machine pauses for seconds.
    /// </summary>
    public TimeSpan StepSlack { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// So many attempts in a row to resume that fail by one and the same host make that host the cause: it loses its
    /// position to a standby. Range: at least 2. Default: 3.
    /// </summary>
    public int CulpritAttempts { get; set; } = 3;

    /// <summary>
    /// The longest pause between two attempts to resume that fail one after the other; the pauses double up to it. Long for machines, short
    /// for people who mend the cause. Range: at least 0. Default: 10 s.
    /// </summary>
    public TimeSpan AttemptPauseLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a host that lost its position although it lived is passed over when another standby is there. Doubles
    /// with every loss, up to <see cref="SetbackPauseLimit"/>. Range: above 0. Default: 30 s.
    /// </summary>
    public TimeSpan SetbackPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest such time. Range: at least <see cref="SetbackPause"/>. Default: 10 min.</summary>
    public TimeSpan SetbackPauseLimit { get; set; } = TimeSpan.FromMinutes(10);
}
