namespace Gemini.Grains.Health;

/// <summary>
/// The time during which its owner was running. If the owner's process itself was paused (frozen, or without CPU), only one second of the pause
/// counts, because others may have acted in that time without the owner knowing it yet. Pure.
/// </summary>
internal sealed class AttendedClock
{
    /// <summary>A longer time between two looks counts as this many milliseconds. Looks are normally a tenth of a second apart.</summary>
    private const long LookMilliseconds = 1000;

    private long? _lookedAt;

    /// <summary>Counted milliseconds since the first look.</summary>
    public long Elapsed { get; private set; }

    public void Look(long now)
    {
        if (_lookedAt is { } before) Elapsed += Math.Clamp(now - before, 0, LookMilliseconds);
        _lookedAt = now;
    }
}
