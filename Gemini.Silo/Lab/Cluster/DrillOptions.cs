using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Configuration;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>The clusters on which drills are done.</summary>
internal sealed record DrillOptions
{
    public string Model { get; init; } = "gpt2-nano";

    public long Seed { get; init; } = 1;

    /// <summary>Further hosts that wait. At least 1. Default: 1.</summary>
    public int Standby { get; init; } = 1;

    /// <summary>
    /// How long an iteration takes at least. Default: 250 ms: two commits of the smallest model then take no longer than a process
    /// takes to start, and cores are left for processes that do.
    /// </summary>
    public int PaceMilliseconds { get; init; } = 250;

    /// <summary>Where host memory is kept.</summary>
    public string MemoryRoot { get; init; } = HostPaths.DefaultRoot;

    /// <summary>Where logs are kept; null: only of what failed.</summary>
    public string? Logs { get; init; }

    /// <summary>Where snapshots are persisted if they are; null: in a folder of the drill's own that it removes.</summary>
    public string? Storage { get; init; }

    public DemoOptions ToDemo(DrillShape shape, string? storage) => new()
    {
        Hosts = shape.Hosts,
        Replicas = shape.Replicas,
        Standby = Standby,
        // Further than any drill lasts.
        Iterations = 10_000_000,
        Model = Model,
        Seed = Seed,
        Logs = Logs,
        MemoryRoot = MemoryRoot,
        Storage = storage,
        PersistEvery = 10,
        PaceMilliseconds = PaceMilliseconds,
        IsDrill = true,
        // A killed process is seen by its refused connections, whatever the profile; a drill fills the machine, and wants no false alarm.
        Timing = TimingProfile.Default,
    };
}
