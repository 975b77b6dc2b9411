namespace Gemini.Silo.Sockets;

/// <summary>
/// What a listener does when it cannot accept a connection, such as for lack of file descriptors: the connection stays in the kernel's queue, so
/// that the next attempt would fail at once. It rests, and says one line in a while. For one loop.
/// </summary>
internal sealed class AcceptRetry(TimeProvider time)
{
    /// <summary>Long beside an attempt, short beside what waits for an answer.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private readonly LogThrottle _lines = new(time, LogPeriod);

    /// <summary>An attempt failed. Returns when the next one is due.</summary>
    /// <param name="error">Why.</param>
    /// <param name="log">Writes the line; it is told the reason and how many lines were left out.</param>
    /// <param name="ct">Ends the pause.</param>
    public async Task RestAsync(Exception error, Action<string, long> log, CancellationToken ct)
    {
        if (_lines.TryPass(out var held)) log(error.Message, held);
        await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
