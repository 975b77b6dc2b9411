namespace Gemini.Grains.Recovery;

/// <summary>Adds up the intervals in which a job is exposed. Pure: it is told the time, in Unix milliseconds.</summary>
/// <param name="before">What earlier root agents measured; an interval that ran goes on.</param>
public sealed class ExposureClock(ExposedTime before)
{
    public ExposedTime Time { get; private set; } = before;

    /// <summary>An interval begins, goes on or ends; to be told again does no harm. Returns whether one began or ended.</summary>
    public bool Observe(bool exposed, long now)
    {
        if (exposed == Time.Since > 0) return false;
        Time = exposed ? Time with { Since = now } : Time.EndedAt(now);
        return true;
    }
}
