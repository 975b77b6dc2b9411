namespace Gemini.Grains.Recovery;

/// <summary>Adds up the intervals in which a job is exposed. Pure: it is told the time, in Unix milliseconds.</summary>
/// <param name="before">What earlier root agents measured.</param>
public sealed class ExposureClock(ExposedTime before)
{
    private ExposedTime _ended = before;

    /// <summary>When the running interval began; zero when none runs.</summary>
    public long Since { get; private set; }

    /// <summary>An interval begins, goes on or ends; to be told again does no harm.</summary>
    public void Observe(bool exposed, long now)
    {
        if (exposed == Since > 0) return;
        if (!exposed) _ended = At(now);
        Since = exposed ? now : 0;
    }

    /// <summary>All intervals, a running one up to now.</summary>
    public ExposedTime At(long now)
    {
        if (Since == 0) return _ended;
        var running = now - Since;
        return new ExposedTime(_ended.TotalMilliseconds + running, Math.Max(_ended.LongestMilliseconds, running));
    }
}
