using Gemini.Grains.Health;

namespace Gemini.Grains.Recovery;

/// <summary>Settings of the coordinator.</summary>
public sealed class CoordinatorOptions
{
    public HealthOptions Health { get; set; } = new();

    /// <summary>How many recoveries the record keeps. Default: 100.</summary>
    public int RetainedRecoveries { get; set; } = 100;
}
