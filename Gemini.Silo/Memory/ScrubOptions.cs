namespace Gemini.Silo.Memory;

/// <summary>How the scrub checks idle copies. Section "advanced.scrub" of the configuration file.</summary>
public sealed record ScrubOptions
{
    /// <summary>
    /// Payload bytes hashed per second, at most. Range: above 0. Default: 256 MiB. A core hashes about 10 GB per second, so this takes about 3 % of
    /// one core and of its memory traffic, and covers 75 GB within one <see cref="Period"/>.
    /// </summary>
    public long BytesPerSecond { get; set; } = 256L << 20;

    /// <summary>Time from the end of one check of a copy to the start of the next. Range: above 0. Default: 5 min.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a copy must have been here before it is checked. Range: 0 or more. Default: 10 s, so that a job with shorter iterations pays nothing:
    /// its copies were hashed a moment ago, when they were made.
    /// </summary>
    public TimeSpan IdleAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the scrub looks for copies that are due. Range: above 0. Default: 1 s.</summary>
    public TimeSpan LookPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the scrub pauses at most while a capture or a receive runs. A writer that died leaves its slot in the state Writing. So after this
    /// time the scrub continues, and does not pause again until no slot is in that state. Range: 0 or more. Default: 10 s.
    /// </summary>
    public TimeSpan RestLimit { get; set; } = TimeSpan.FromSeconds(10);
}
