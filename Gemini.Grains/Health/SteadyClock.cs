namespace Gemini.Grains.Health;

/// <summary>
/// Unix milliseconds that never jump: the wall clock's time when this object was made, plus the time that a monotonic clock has counted since. So
/// setting the machine's clock cannot cause a verdict. After such a change, the times that people see are wrong by the same amount until the root
/// agent moves.
/// </summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly long _wallAtStart = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _startedAt = time.GetTimestamp();

    public long Now => _wallAtStart + (long)time.GetElapsedTime(_startedAt).TotalMilliseconds;
}
