namespace Gemini.Silo.Persistence;

/// <summary>How patiently a host deals with storage. Each may be raised without harm to training.</summary>
internal sealed class PersistenceOptions
{
    /// <summary>Wait after the first failed write; doubled after each further one. Range: above 0. Default: 1 s.</summary>
    public TimeSpan RetryMin { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts. Range: at least <see cref="RetryMin"/>. Default: 1 minute.</summary>
    public TimeSpan RetryMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a halted host looks into the store again, so that a repaired store is noticed. Default: 5 s.</summary>
    public TimeSpan LookPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A write that has not moved for this long is reported as a problem. Default: 30 s.</summary>
    public TimeSpan StallLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a load waits for a slot that a cut-off transfer still holds. Default: 5 s.</summary>
    public TimeSpan SlotWait { get; set; } = TimeSpan.FromSeconds(5);
}
