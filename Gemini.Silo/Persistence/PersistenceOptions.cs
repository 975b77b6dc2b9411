namespace Gemini.Silo.Persistence;

/// <summary>
/// How patiently a host deals with storage. Each may be raised without harm to training. Section "advanced.storage" of the configuration file.
/// </summary>
public sealed record PersistenceOptions
{
    /// <summary>Wait after the first failed write; doubled after each further one. Range: above 0. Default: 1 s.</summary>
    public TimeSpan RetryMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts. Range: at least <see cref="RetryMin"/>. Default: 1 minute.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a halted host looks into the store again, so that a repaired store is noticed. Range: above 0. Default: 5 s.</summary>
    public TimeSpan LookPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A write that has not moved for this long is reported as a problem. Range: above 0. Default: 30 s.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a load waits for a slot that a cut-off transfer still holds. Range: above 0. Default: 5 s.</summary>
    public TimeSpan SlotWait { get; init; } = TimeSpan.FromSeconds(5);
}
