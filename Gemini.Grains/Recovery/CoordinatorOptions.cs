using Gemini.Grains.Health;
using Gemini.Grains.Machines;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Settings of the coordinator: section "advanced.recovery" of a host's configuration file. Settings of type <see cref="HealthOptions"/> and
/// <see cref="MachineOptions"/> have sections of their own.
/// </summary>
public sealed record CoordinatorOptions
{
    public HealthOptions Health { get; set; } = new();

    /// <summary>How the root agent asks for machines. Null: the root agent asks nobody, and people start hosts. Default: null.</summary>
    public MachineOptions? Machines { get; set; }

    /// <summary>
    /// How long a rank may hold an uncommitted snapshot after other ranks captured a newer one. Then the rank is told again that this snapshot will
    /// not be committed. Range: several times the period of reports and announcements (1 s), because every commit is known within that period.
    /// Default: 3 s.
    /// </summary>
    public TimeSpan StuckSnapshotLimit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How many recoveries the record keeps. Range: from 1. Default: 100.</summary>
    public int RetainedRecoveries { get; set; } = 100;

    /// <summary>
    /// For how many of the newest recoveries the record keeps what every rank did. Range: 0 to <see cref="RetainedRecoveries"/>. Default: 5, about
    /// 100 bytes for each rank in each recovery.
    /// </summary>
    public int RetainedRecoveryDetails { get; set; } = 5;
}
