namespace Gemini.Grains.Health;

/// <summary>
/// For how long nothing has changed, as far as the watcher was there to see it: of a pause of the watcher itself (its process was
/// frozen, its core given to others) only a moment counts. Pure.
/// </summary>
/// <typeparam name="T">What is watched.</typeparam>
internal sealed class SilenceWatch<T>
    where T : struct
{
    /// <summary>A pause between two looks counts as this much, Unix milliseconds; looks are a tenth of a second apart.</summary>
    private const long LookMilliseconds = 1000;

    private T? _last;
    private long _lookedAt;

    /// <summary>Milliseconds.</summary>
    public long Quiet { get; private set; }

    public void Look(T seen, long now)
    {
        if (_last is { } last && EqualityComparer<T>.Default.Equals(last, seen)) Quiet += Math.Clamp(now - _lookedAt, 0, LookMilliseconds);
        else Quiet = 0;
        (_last, _lookedAt) = (seen, now);
    }

    public void Reset()
    {
        _last = null;
        Quiet = 0;
    }
}
