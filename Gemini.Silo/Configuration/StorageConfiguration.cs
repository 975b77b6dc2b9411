using Gemini.Interfaces.Model;

namespace Gemini.Silo.Configuration;

/// <summary>
/// The storage tier: where committed snapshots are copied in the background, and how often. All settings except the directory's path,
/// <see cref="GroupReads"/> and <see cref="StopSeconds"/> must be the same on all hosts of a job.
/// </summary>
public sealed record StorageConfiguration
{
    /// <summary>A directory that all hosts see: NFS, FSx, or a disk when all hosts are on one machine. It must exist.</summary>
    public string Directory { get; init; } = "";

    /// <summary>
    /// Seconds from the start of one stored snapshot to the start of the next; 0: as often as storage takes it. Default: 10800, 3 hours.
    /// </summary>
    public long? EverySeconds { get; init; }

    /// <summary>Instead of <see cref="EverySeconds"/>: iterations that are a multiple of this are persisted.</summary>
    public long? EveryIterations { get; init; }

    /// <summary>Complete snapshots to keep, the newest ones. At least 1. Default: 2.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>
    /// Whether the files' group may read snapshots: directories get mode 0750 and files 0640, instead of 0700 and 0600. Give the directory
    /// the group, and the set-group-id bit so that new files get it too: <c>chgrp readers DIR; chmod g+rxs DIR</c>. Default: false.
    /// </summary>
    public bool GroupReads { get; init; }

    /// <summary>
    /// How many seconds a host that is told to stop (SIGTERM) may wait until the newest snapshot is in storage, if all hosts of the job are told to
    /// stop. Choose less than the time that the scheduler gives before it kills. Range: 0 to a week. Default: 20, because Slurm and Kubernetes give
    /// 30.
    /// </summary>
    public double StopSeconds { get; init; } = 20;

    /// <summary>The policy of a job.</summary>
    /// <param name="checkpoints">A mode that stores always decides how often, whatever is configured.</param>
    public StoragePolicy ToPolicy(CheckpointPolicy checkpoints)
    {
        if (checkpoints.StoresAlways) return StoragePolicy.HighFreq with { Keep = Keep };
        return new StoragePolicy
        {
            Every = EverySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : StoragePolicy.Strawman.Every,
            EveryIterations = EveryIterations ?? 0,
            Keep = Keep,
        };
    }
}
