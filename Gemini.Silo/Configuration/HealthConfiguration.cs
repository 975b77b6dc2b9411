using Gemini.Grains.Health;

namespace Gemini.Silo.Configuration;

/// <summary>
/// How long the root agent waits before it takes silence for a failure; each host's own counts while the root agent runs on it, so let
/// them be the same. All in seconds.
/// </summary>
public sealed record HealthConfiguration
{
    private static readonly HealthOptions Defaults = new();

    /// <summary>
    /// No step of any rank for this many times the median iteration means that a trainer hangs. Above 1. Default: 5; more for a job that
    /// pauses between iterations.
    /// </summary>
    public double StuckMultiple { get; init; } = Defaults.StuckMultiple;

    /// <summary>The least time without a step that means a hang. Above 0. Default: 10.</summary>
    public double StuckFloorSeconds { get; init; } = Defaults.StuckFloor.TotalSeconds;

    /// <summary>The same while trainers load and in their first iteration. At least <see cref="StuckFloorSeconds"/>. Default: 120.</summary>
    public double LoadLimitSeconds { get; init; } = Defaults.LoadLimit.TotalSeconds;

    /// <summary>How long a host may be without a silo while its trainers go on. Above 0. Default: 30.</summary>
    public double SiloGraceSeconds { get; init; } = Defaults.SiloGrace.TotalSeconds;

    /// <summary>
    /// How long a trainer may take to come up before its host counts as one that cannot do its part. Above 0. Default: 120. A host ends a
    /// trainer that has not connected after 120 s.
    /// </summary>
    public double StartLimitSeconds { get; init; } = Defaults.StartLimit.TotalSeconds;

    /// <summary>How long a problem of a live host stands before a standby takes the host's position. Above 0. Default: 10.</summary>
    public double ProblemGraceSeconds { get; init; } = Defaults.ProblemGrace.TotalSeconds;

    public HealthOptions ToOptions() => new()
    {
        StartLimit = TimeSpan.FromSeconds(StartLimitSeconds),
        ProblemGrace = TimeSpan.FromSeconds(ProblemGraceSeconds),
        StuckMultiple = StuckMultiple,
        StuckFloor = TimeSpan.FromSeconds(StuckFloorSeconds),
        LoadLimit = TimeSpan.FromSeconds(LoadLimitSeconds),
        SiloGrace = TimeSpan.FromSeconds(SiloGraceSeconds),
    };
}
