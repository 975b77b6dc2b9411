namespace Gemini.Silo.Sockets;

/// <summary>
/// Pauses a listener after it could not accept a connection, for example for lack of file descriptors. The connection stays in the kernel's queue, so
/// an attempt without a pause would fail at once. Also limits how often that is logged. Used by one loop.
/// </summary>
internal sealed class AcceptRetry(TimeProvider time)
{
    /// <summary>Long compared with an attempt, short compared with the time that a client waits for an answer.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);

    private readonly LogThrottle _lines = new(time, LogPeriod);

    /// <summary>Call this after a failed attempt. Returns when the next attempt is due.</summary>
    /// <param name="error">Why the attempt failed.</param>
    /// <param name="log">Writes the line. Its arguments are the reason and how many lines were left out.</param>
    /// <param name="ct">Ends the pause.</param>
    public async Task RestAsync(Exception error, Action<string, long> log, CancellationToken ct)
    {
        if (_lines.TryPass(out var held)) log(error.Message, held);
        await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
