namespace Gemini.Grains.Health;

/// <summary>
/// Unix milliseconds that never jump: the wall clock's time when this clock was made, and what a monotonic clock has
/// counted since. So a verdict cannot come from somebody who sets the machine's clock. After such a change the times
/// that people see are off by it until the root agent moves.
/// </summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly long _wallAtStart = time.GetUtcNow().ToUnixTimeMilliseconds();
    private readonly long _startedAt = time.GetTimestamp();

    public long Now => _wallAtStart + (long)time.GetElapsedTime(_startedAt).TotalMilliseconds;
}
