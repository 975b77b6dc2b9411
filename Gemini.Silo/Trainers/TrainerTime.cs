namespace Gemini.Silo.Trainers;

/// <summary>The time at which something happened.</summary>
/// <param name="Now">Time since a fixed moment, by a clock that nobody sets. Deadlines use this clock.</param>
/// <param name="UnixMilliseconds">The same moment as wall-clock time, for people.</param>
internal readonly record struct TrainerTime(TimeSpan Now, long UnixMilliseconds)
{
    public static TrainerTime Of(TimeProvider time) =>
        new(time.GetElapsedTime(0, time.GetTimestamp()), time.GetUtcNow().ToUnixTimeMilliseconds());
}
