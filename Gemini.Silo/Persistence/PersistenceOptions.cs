namespace Gemini.Silo.Persistence;

/// <summary>
/// How long a host waits for storage, and how often it tries again. Longer times do not harm training. Section "advanced.storage" of the
/// configuration file.
/// </summary>
public sealed record PersistenceOptions
{
    /// <summary>Wait after the first failed write; doubled after each further one. Range: above 0. Default: 1 s.</summary>
    public TimeSpan RetryMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts. Range: at least <see cref="RetryMin"/>. Default: 1 minute.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a halted host lists the store again, to notice a repaired store. Range: above 0. Default: 5 s.</summary>
    public TimeSpan LookPeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A write or a read that makes no progress for this long counts as hanging, and so does a listing without an answer. Range: above 0. Default: 30
    /// s.
    /// </summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a load waits for a slot while a transfer that was told to end still uses it. Range: above 0. Default: 5 s.</summary>
    public TimeSpan SlotWait { get; init; } = TimeSpan.FromSeconds(5);
}
