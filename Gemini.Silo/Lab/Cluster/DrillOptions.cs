using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>The clusters that drills use.</summary>
internal sealed record DrillOptions
{
    public string Model { get; init; } = "gpt2-nano";

    /// <summary>What the job does with its checkpoints. It must recover from host memory.</summary>
    public CheckpointMode Mode { get; init; } = CheckpointPolicy.DefaultMode;

    public long Seed { get; init; } = 1;

    /// <summary>Standby hosts. At least 1. Default: 1.</summary>
    public int Standby { get; init; } = 1;

    /// <summary>
    /// The least time of an iteration. Default: 250 ms. Two commits of the smallest model then take no longer than the start of a process, and
    /// starting processes find free cores.
    /// </summary>
    public int PaceMilliseconds { get; init; } = 250;

    /// <summary>Where host memory is kept.</summary>
    public string MemoryRoot { get; init; } = HostPaths.DefaultRoot;

    /// <summary>Where logs are kept; null: only the logs of cases that failed are kept.</summary>
    public string? Logs { get; init; }

    /// <summary>Where snapshots are stored, if they are stored; null: in a folder of the drill's own, which the drill removes.</summary>
    public string? Storage { get; init; }

    public DemoOptions ToDemo(DrillShape shape, string? storage) => new()
    {
        Hosts = shape.Hosts,
        Replicas = shape.Replicas,
        Standby = Standby,
        // More than any drill reaches.
        Iterations = 10_000_000,
        Model = Model,
        Mode = Mode,
        Seed = Seed,
        Logs = Logs,
        MemoryRoot = MemoryRoot,
        Storage = storage,
        PersistEvery = 10,
        PaceMilliseconds = PaceMilliseconds,
        IsDrill = true,
        // In either profile, refused connections reveal a killed process. A drill keeps the machine busy and must not cause a false alarm.
        Timing = TimingProfile.Default,
    };
}
