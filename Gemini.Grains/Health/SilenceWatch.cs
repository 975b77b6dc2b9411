namespace Gemini.Grains.Health;

/// <summary>How long a value has not changed, by an <see cref="AttendedClock"/>. Pure.</summary>
/// <typeparam name="T">The type of the watched value.</typeparam>
internal sealed class SilenceWatch<T>
    where T : struct
{
    private readonly AttendedClock _clock = new();
    private T? _last;
    private long _changedAt;

    /// <summary>Milliseconds since the value last changed; 0 before the first look.</summary>
    public long Quiet => _last is null ? 0 : _clock.Elapsed - _changedAt;

    public void Look(T seen, long now)
    {
        _clock.Look(now);
        if (_last is { } last && EqualityComparer<T>.Default.Equals(last, seen)) return;
        (_last, _changedAt) = (seen, _clock.Elapsed);
    }

    public void Reset() => _last = null;
}
