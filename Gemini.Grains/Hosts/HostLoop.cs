using Gemini.Grains.Hosting;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosts;

/// <summary>Something that a host does again and again until it stops.</summary>
/// <param name="name">For logs, as in "Reporting to the root agent failed": begins a sentence.</param>
/// <param name="attempt">Waits until there is something to do, and does it once. Ends at once when it is cancelled.</param>
public sealed partial class HostLoop(string name, Func<CancellationToken, Task> attempt)
{
    /// <summary>After an attempt that failed, so that a failure that lasts takes no processor. Default: 1 s.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    private string Name => name;

    /// <summary>Told of every attempt that failed. Default: nobody.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>
    /// Runs all loops until they are cancelled. An attempt that fails, however it fails, is logged once for each change and made
    /// again. Two ends a loop have that no further attempt cures: a <see cref="JobMismatchException"/>, and a mistake of this program that an
    /// <see cref="InvariantViolatedException"/> names.
    /// </summary>
    /// <returns>The loop that ended: the host cannot go on without it. Null: cancelled.</returns>
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
        // An attempt may take its time before its first await.
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

    /// <summary>The message says all: others are away, or a device fails. Of anything else the place is wanted too.</summary>
    private static bool IsExpected(Exception error) =>
        error is TimeoutException or IOException or UnauthorizedAccessException or OrleansException or HostUnavailableException or RootUnavailableException;

    [LoggerMessage(3235, LogLevel.Warning, "{Name} failed, and is tried again: {Error}")]
    private static partial void LogFailed(ILogger logger, string name, string error, Exception? trace);

    [LoggerMessage(3236, LogLevel.Information, "{Name} works again")]
    private static partial void LogWorksAgain(ILogger logger, string name);
}
