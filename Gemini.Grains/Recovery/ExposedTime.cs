namespace Gemini.Grains.Recovery;

/// <summary>How long a job was one loss from losing what it has in memory, as a root agent hands it on to the next.</summary>
/// <param name="TotalMilliseconds">All intervals that have ended, together.</param>
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
