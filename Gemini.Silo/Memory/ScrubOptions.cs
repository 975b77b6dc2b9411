namespace Gemini.Silo.Memory;

/// <summary>How idle copies are looked through. Section "advanced.scrub" of the configuration file.</summary>
public sealed record ScrubOptions
{
    /// <summary>
    /// Payload bytes hashed a second, at most. Range: above 0. Default: 256 MiB: a core hashes some 10 GB a second, so this is
    /// some 3 % of one core and of one core's memory traffic, and goes through 75 GB within a <see cref="Period"/>.
    /// </summary>
    public long BytesPerSecond { get; set; } = 256L << 20;

    /// <summary>From the end of one look at a copy to the start of the next. Range: above 0. Default: 5 min.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a copy must have been there before it is looked at. Default: 10 s, so that a job whose iterations are shorter,
    /// and whose copies were hashed when they were made a moment ago, pays nothing. Range: 0 or more.
    /// </summary>
    public TimeSpan IdleAge { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the inventory is compared with what was looked at. Range: above 0. Default: 1 s.</summary>
    public TimeSpan LookPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// While a capture or a receive runs the scrub rests, once for this long at most: a writer that died leaves its slot in
    /// writing, and the scrub rests no more until that is over. Range: 0 or more. Default: 10 s.
    /// </summary>
    public TimeSpan RestLimit { get; set; } = TimeSpan.FromSeconds(10);
}
