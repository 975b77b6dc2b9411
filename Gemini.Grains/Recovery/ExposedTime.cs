namespace Gemini.Grains.Recovery;

/// <summary>How long one more loss could have cost the job its state in memory. A root agent leaves this to the next one in the record.</summary>
/// <param name="TotalMilliseconds">The sum of all intervals that have ended.</param>
/// <param name="LongestMilliseconds">The longest of them.</param>
/// <param name="Since">When the running interval began, Unix milliseconds; zero when none runs.</param>
[GenerateSerializer, Immutable, Alias("gemini.ExposedTime")]
public readonly record struct ExposedTime(long TotalMilliseconds, long LongestMilliseconds, long Since = 0)
{
    /// <summary>The running interval counted as if it ended now.</summary>
    public ExposedTime EndedAt(long now)
    {
        if (Since == 0) return this;
        var running = now - Since;
        return new ExposedTime(TotalMilliseconds + running, Math.Max(LongestMilliseconds, running));
    }
}
