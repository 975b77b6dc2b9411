using Gemini.Grains.Scheduling;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Grains.Planning;

/// <summary>What checkpoints mean for a cluster that one may not have: bytes, times, and what a failure costs. Pure.</summary>
/// <remarks>
/// The formulas are the paper's (GEMINI, SOSP'23): §2.1 for wasted time, §5.2 for bytes, Fig. 11 for the checkpoint time, §7.3 for the effective
/// training time. HighFreq saves as often as the storage allows, Strawman every three hours; both block training while they serialise the state (§7.1).
/// </remarks>
/// <param name="ParameterCount">P, of the whole model.</param>
/// <param name="Hosts">N. At least 1.</param>
/// <param name="Replicas">m, 1 to N.</param>
/// <param name="GpusPerHost">At least 1.</param>
/// <param name="HostBitsPerSecond">B, of each host's network. Above 0.</param>
/// <param name="StorageBitsPerSecond">S, of persistent storage, for all hosts together. Above 0.</param>
/// <param name="FailuresPerDay">Of all hosts together. At least 0.</param>
/// <param name="Iteration">T_iter, without a checkpoint. Above zero.</param>
/// <param name="Idle">The network's idle time in an iteration; null: not known.</param>
/// <param name="Restart">From a failure to the retrieval: detection, replacement, start of the processes. The same for all.</param>
public sealed record ClusterPlan(
    long ParameterCount, int Hosts, int Replicas, int GpusPerHost, double HostBitsPerSecond, double StorageBitsPerSecond, double FailuresPerDay,
    TimeSpan Iteration, TimeSpan? Idle, TimeSpan Restart)
{
    /// <summary>How much more an iteration may take because of checkpoints, by default.</summary>
    public const double Tolerance = 0.01;

    /// <summary>How fast one process serialises its state for storage: 18.8 GB in 162 s (released notebook).</summary>
    private const double SerialisedBytesPerSecond = 116e6;

    /// <summary>Time between two checkpoints of Strawman.</summary>
    private static readonly TimeSpan StrawmanInterval = TimeSpan.FromHours(3);

    /// <summary>C: the state of one host's ranks.</summary>
    public long HostBytes => WastedTime.CheckpointBytes(ParameterCount) / Hosts;

    /// <summary>Host memory for copies: m replicas, each with all its slots.</summary>
    public long MemoryBytes => (long)HostPaths.SlotCount * Replicas * HostBytes;

    /// <summary>How long a host's network is in use for one checkpoint: (m - 1) · C / (0.85 · B).</summary>
    public TimeSpan Transfer => WastedTime.TransferOf((Replicas - 1) * HostBytes, HostBitsPerSecond);

    /// <summary>n: a checkpoint every n-th iteration. 1 if the idle time is not known.</summary>
    public int Interval => Idle is { } idle ? CheckpointInterval.Of(Transfer, idle, Iteration, Tolerance) : 1;

    /// <summary>Checkpoints of every n-th iteration in host memory.</summary>
    public PolicyPlan Gemini
    {
        get
        {
            var interval = Iteration * Interval;
            var retrieval = Replicas > 1 ? WastedTime.TransferOf(HostBytes, HostBitsPerSecond) : TimeSpan.Zero;
            // Without room in the idle spans, an iteration takes up to the tolerance longer.
            return Policy(interval, interval, retrieval, Interval > 1 ? 1 - Tolerance : 1);
        }
    }

    /// <summary>As often as storage allows: every ⌈t_ckpt / T_iter⌉ iterations.</summary>
    public PolicyPlan HighFreq => ToStorage(Iteration * Math.Ceiling(StorageCheckpoint / Iteration));

    /// <summary>Every three hours, or as often as storage allows if that is rarer.</summary>
    public PolicyPlan Strawman => ToStorage(StorageCheckpoint > StrawmanInterval ? StorageCheckpoint : StrawmanInterval);

    private TimeSpan StorageCheckpoint => WastedTime.CheckpointTo(ParameterCount, StorageBitsPerSecond);

    private PolicyPlan ToStorage(TimeSpan interval)
    {
        var blocked = TimeSpan.FromSeconds((double)HostBytes / GpusPerHost / SerialisedBytesPerSecond);
        return Policy(StorageCheckpoint, interval, StorageCheckpoint, interval / (interval + blocked));
    }

    private PolicyPlan Policy(TimeSpan checkpoint, TimeSpan interval, TimeSpan retrieval, double withoutFailures)
    {
        var wasted = WastedTime.Mean(checkpoint, interval, retrieval);
        var effective = new EffectiveTraining(withoutFailures, (wasted + Restart).TotalMinutes);
        return new PolicyPlan(interval, retrieval, wasted, effective.Ratio(FailuresPerDay));
    }
}
