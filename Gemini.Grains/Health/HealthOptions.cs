namespace Gemini.Grains.Health;

/// <summary>
/// How long the root agent waits before it takes silence for failure. Section "health" of a host's configuration file. The root agent uses the values
/// of the host that it runs on, so use the same values on every host.
/// </summary>
public sealed record HealthOptions
{
    /// <summary>
    /// How long a host's silo may be away while its trainers continue to train. The next silo adopts the segments and trainers, so waiting costs no
    /// iteration; but meanwhile nothing is committed. Range: above 0. Default: 30 s. A silo is back after 3 s, or after 14 s on a machine with ten
    /// waiting processes for each core.
    /// </summary>
    public TimeSpan SiloGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the root agent looks for the cause (a dead trainer, a dead host) after a trainer lost a peer. Then the broken ring itself is the
    /// failure. Range: above 0. Default: 1 s, ten times the time in which a dead host is noticed.
    /// </summary>
    public TimeSpan LostPeerGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// If no rank finishes a step for this many median iterations of the job, and for at least <see cref="StuckFloor"/>, a trainer hangs. Range:
    /// above 1. Default: 5. Raise it for a job that pauses between iterations (evaluation).
    /// </summary>
    public double StuckMultiple { get; set; } = 5;

    /// <summary>The shortest time without a step that counts as a hang. Range: above 0. Default: 10 s: a busy machine pauses for seconds.</summary>
    public TimeSpan StuckFloor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The same while trainers load and finish the first iteration of an epoch, while no iteration has been measured yet, and while the job waits for
    /// its last commit. For large shards it is longer (<see cref="StepLimits.Load"/>). Range: at least <see cref="StuckFloor"/>. Default: 120 s.
    /// </summary>
    public TimeSpan LoadLimit { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// The shortest time after which a snapshot that every rank has captured is abandoned because it is not committed. The next one is abandoned
    /// after twice this time without a commit. Then a new epoch begins, at the latest after three times this time. Range: above
    /// <see cref="Recovery.CoordinatorOptions.StuckSnapshotLimit"/>. Default: 30 s, ten times the longest commit that was measured on a machine with
    /// ten waiting processes for each core.
    /// </summary>
    public TimeSpan CommitFloor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same in median iterations; the longer time counts. Range: above 2. Default: 10; a healthy commit takes less than 2.</summary>
    public double CommitMultiple { get; set; } = 10;

    /// <summary>How long a new root agent waits for hosts to report before it decides without them. Range: above 0. Default: 3 s.</summary>
    public TimeSpan FormingLimit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long the job waits, after the restart of all its hosts, for hosts that have not reported yet. Then other hosts take in copies of their
    /// shards. Range: not negative. Default: 10 s. Scripts and people start hosts one after the other. If a host brings its shard a moment later, a
    /// copy made before would be gigabytes over the network for nothing.
    /// </summary>
    public TimeSpan RestartGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a present host must report a problem before it loses its position to a standby. Range: above 0. Default: 10 s. A problem that passes
    /// by itself passes within one or two retries.
    /// </summary>
    public TimeSpan ProblemGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a host may take to stop its trainers, without the time for a running capture: 5 s until a trainer that does not answer is killed, and
    /// 5 s until a killed process has ended. Range: at least the sum of both. Default: 10 s.
    /// </summary>
    public TimeSpan StopLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a trainer may take to come up. Range: at least the limit of the hosts. Default: 120 s, the limit of the hosts.</summary>
    public TimeSpan StartLimit { get; set; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// The lowest rate, in bytes per second, at which a host copies between memories, until rates were measured. Range: above 0. Default: 100 MB/s, a
    /// network of 1 Gbit/s.
    /// </summary>
    public double CopyRateFloorBytesPerSecond { get; set; } = 100e6;

    /// <summary>
    /// The same for persistent storage. Range: above 0. Default: 10 MB/s: many hosts share one store.
    /// </summary>
    public double StorageRateFloorBytesPerSecond { get; set; } = 10e6;

    /// <summary>
    /// The longest limit of a step and of loading, however many bytes they need. Range: at least <see cref="LoadLimit"/>, and
    /// <see cref="StartLimit"/> and <see cref="StepSlack"/> together. Default: 1 day.
    /// </summary>
    public TimeSpan StepCeiling { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Extra time in the limit of every step. Range: above 0. Default: 10 s: a busy machine pauses for seconds.</summary>
    public TimeSpan StepSlack { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// This many failures in a row, all by the same single host and without a commit between them, make that host the cause: it loses its position to
    /// a standby. Range: at least 2. Default: 3.
    /// </summary>
    public int CulpritAttempts { get; set; } = 3;

    /// <summary>
    /// The longest pause between two attempts to resume; the pauses double up to this time. It is long for machines, and short for people who repair
    /// the cause. Range: at least 0. Default: 10 s.
    /// </summary>
    public TimeSpan AttemptPauseLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a host that lost its position while it was present is passed over, if another standby can take the position. Doubles with every such
    /// loss, up to <see cref="SetbackPauseLimit"/>. Range: above 0. Default: 30 s.
    /// </summary>
    public TimeSpan SetbackPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest time for which a host is passed over. Range: at least <see cref="SetbackPause"/>. Default: 10 min.</summary>
    public TimeSpan SetbackPauseLimit { get; set; } = TimeSpan.FromMinutes(10);
}
