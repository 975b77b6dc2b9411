using Gemini.Grains.Hosting;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosts;

/// <summary>A piece of work that a host repeats until it stops.</summary>
/// <param name="name">For logs. It begins a sentence, as in "Reporting to the root agent failed".</param>
/// <param name="attempt">Waits until there is something to do, and does it once. Ends at once when it is cancelled.</param>
public sealed partial class HostLoop(string name, Func<CancellationToken, Task> attempt)
{
    /// <summary>The pause after a failed attempt, so that a lasting failure takes no processor time. Default: 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    private string Name => name;

    /// <summary>Called after every failed attempt. Default: nothing is called.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>
    /// Runs all loops until they are cancelled. A failed attempt is repeated, whatever the failure. A failure is logged once, and again only when it
    /// changes. Two exceptions end a loop, because no further attempt can succeed: <see cref="JobMismatchException"/>, and
    /// <see cref="InvariantViolatedException"/>, which names a mistake in this program.
    /// </summary>
    /// <returns>The loop that ended: the host cannot continue without it. Null: cancelled.</returns>
    public static async Task<HostLoopEnd?> RunAsync(IEnumerable<HostLoop> loops, TimeProvider time, ILogger logger, CancellationToken ct)
    {
        var running = loops.ToDictionary(loop => loop.RunAsync(time, logger, ct), loop => loop.Name);
        var ended = await Task.WhenAny(running.Keys);
        if (ct.IsCancellationRequested) return null;
        return ended.Exception?.InnerException is JobMismatchException mismatch
            ? new HostLoopEnd(mismatch.Message, IsRefusal: true)
            : new HostLoopEnd($"{running[ended]} has ended: {ended.Exception?.InnerException?.ToString() ?? "for no reason"}", IsRefusal: false);
    }

    private async Task RunAsync(TimeProvider time, ILogger logger, CancellationToken ct)
    {
        // An attempt may run for long before its first await.
        await Task.Yield();
        var failure = new FailureChange();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await attempt(ct);
                if (failure.Ends()) LogWorksAgain(logger, name);
            }
            catch (Exception error) when (error is not (JobMismatchException or InvariantViolatedException))
            {
                if (ct.IsCancellationRequested) return;
                if (failure.IsNews(error)) LogFailed(logger, name, $"{error.GetType().Name}: {error.Message}", IsExpected(error) ? null : error);
                Failed?.Invoke(error);
                await Task.Delay(Pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    /// <summary>
    /// Whether the message of the error is enough: another process does not answer, or a device fails. Any other error is logged with its stack trace.
    /// </summary>
    private static bool IsExpected(Exception error) =>
        error is TimeoutException or IOException or UnauthorizedAccessException or OrleansException or HostUnavailableException or RootUnavailableException;

    [LoggerMessage(EventIds.HostLoopFailed, LogLevel.Warning, "{Name} failed; trying again: {Error}")]
    private static partial void LogFailed(ILogger logger, string name, string error, Exception? trace);

    [LoggerMessage(EventIds.HostLoopWorksAgain, LogLevel.Information, "{Name} works again")]
    private static partial void LogWorksAgain(ILogger logger, string name);
}
