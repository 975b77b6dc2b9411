namespace Gemini.Grains.Recovery;

/// <summary>Adds up the intervals in which a job is exposed. Pure: the caller gives the time, in Unix milliseconds.</summary>
/// <param name="before">What earlier root agents measured. If an interval was running, it continues.</param>
public sealed class ExposureClock(ExposedTime before)
{
    public ExposedTime Time { get; private set; } = before;

    /// <summary>Takes in whether the job is exposed now. The same value again changes nothing. Returns whether an interval began or ended.</summary>
    public bool Observe(bool exposed, long now)
    {
        if (exposed == Time.Since > 0) return false;
        Time = exposed ? Time with { Since = now } : Time.EndedAt(now);
        return true;
    }
}
