using Gemini.Grains.Health;
using Gemini.Grains.Machines;

namespace Gemini.Grains.Recovery;

/// <summary>Settings of the coordinator. Section "advanced.recovery" of a host's configuration file, without those that have sections of their own.</summary>
public sealed record CoordinatorOptions
{
    public HealthOptions Health { get; set; } = new();

    /// <summary>How machines are asked for; null: nobody can be asked, people start hosts. Default: null.</summary>
    public MachineOptions? Machines { get; set; }

    /// <summary>
    /// How long a rank may hold a snapshot that other ranks are past before it is told again that it will not be committed.
    /// Range: several times the period of reports and announcements (1 s), within which every commit is known. Default: 3 s.
    /// </summary>
    public TimeSpan StuckSnapshotLimit { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How many recoveries the record keeps. Range: from 1. Default: 100.</summary>
    public int RetainedRecoveries { get; set; } = 100;

    /// <summary>
    /// Of how many of them it keeps what every rank did. Range: 0 to <see cref="RetainedRecoveries"/>. Default: 5, some 100 bytes a rank each.
    /// </summary>
    public int RetainedRecoveryDetails { get; set; } = 5;
}
