namespace Gemini.Grains.Health;

/// <summary>For how long nothing has changed, by an <see cref="AttendedClock"/>. Pure.</summary>
/// <typeparam name="T">What is watched.</typeparam>
internal sealed class SilenceWatch<T>
    where T : struct
{
    private readonly AttendedClock _clock = new();
    private T? _last;
    private long _changedAt;

    /// <summary>Milliseconds.</summary>
    public long Quiet => _last is null ? 0 : _clock.Elapsed - _changedAt;

    public void Look(T seen, long now)
    {
        _clock.Look(now);
        if (_last is { } last && EqualityComparer<T>.Default.Equals(last, seen)) return;
        (_last, _changedAt) = (seen, _clock.Elapsed);
    }

    public void Reset() => _last = null;
}
