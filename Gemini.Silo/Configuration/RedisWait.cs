using System.Globalization;

namespace Gemini.Silo.Configuration;

/// <summary>
/// Waits for a Redis server that is not up yet, because people start machines in any order. Does not wait for a problem that a person has to fix,
/// such as a wrong password.
/// </summary>
internal static class RedisWait
{
    /// <summary>The pause between two attempts.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="ask">One attempt; it has its own time limit.</param>
    /// <param name="limit">How long to wait. 0: one attempt.</param>
    /// <param name="say">Receives the reason for the wait, at once and after each change, and the end of the wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="BadInputException">There is no server, or it refuses this host; the message says what to do.</exception>
    public static async Task EnsureAsync(Func<CancellationToken, Task> ask, TimeSpan limit, Action<string> say, TimeProvider time, CancellationToken ct)
    {
        string? said = null;
        for (var start = time.GetTimestamp(); ;)
        {
            try
            {
                await ask(ct);
                if (said is not null) say(Format($"found its Redis server after {time.GetElapsedTime(start).TotalSeconds:0} s"));
                return;
            }
            catch (BadInputException bad) when (bad.MayPass && time.GetElapsedTime(start) < limit)
            {
                if (said != bad.Message) say(Format($"waits for its Redis server, up to {limit.TotalSeconds:0.#} s: {bad.Message}"));
                said = bad.Message;
            }
            catch (BadInputException bad) when (bad.MayPass && limit > TimeSpan.Zero)
            {
                throw new BadInputException(Format($"{bad.Message} The host waited {limit.TotalSeconds:0.#} s (redisWaitSeconds)."));
            }

            await Task.Delay(Pause, time, ct);
        }
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
