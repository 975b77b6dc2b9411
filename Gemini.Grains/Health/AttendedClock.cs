namespace Gemini.Grains.Health;

/// <summary>
/// Time that its owner was there to see. Of a pause of the owner itself (its process was frozen, its core given to
/// others) only a moment counts, because others may have done in it what the owner has not heard of yet. Pure.
/// </summary>
internal sealed class AttendedClock
{
    /// <summary>
    /// A pause between two looks counts as this much, milliseconds; looks are a tenth of a second apart.
    /// </summary>
    private const long LookMilliseconds = 1000;

    private long? _lookedAt;

    /// <summary>Milliseconds since the first look.</summary>
    public long Elapsed { get; private set; }

    public void Look(long now)
    {
        if (_lookedAt is { } before) Elapsed += Math.Clamp(now - before, 0, LookMilliseconds);
        _lookedAt = now;
    }
}
