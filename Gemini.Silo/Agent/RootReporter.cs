using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Agent;

/// <summary>
/// Tells the root agent what is on this host, on every change and once a second, and brings back what should be. Changes
/// that come while a report is under way are in the next one.
/// </summary>
internal sealed partial class RootReporter(IGrainFactory grains, JobSpec job, ILogger<RootReporter> logger)
{
    /// <summary>Keeps the root agent alive and informed when nothing changes.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>After a failure: long enough not to flood a root agent that is coming up, short beside a recovery.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>A report is small and its answer immediate; a root agent that takes longer is dead or moving.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(2);

    private string _lastError = "";

    /// <summary>Runs until cancelled.</summary>
    /// <param name="report">Makes the report.</param>
    /// <param name="take">Receives the answer.</param>
    /// <param name="changed">Set when a report is due.</param>
    /// <param name="ct">Ends the loop.</param>
    /// <exception cref="JobMismatchException">This host is configured for another job: it cannot take part.</exception>
    public async Task RunAsync(Func<HostReport> report, Action<HostDirective> take, Signal changed, CancellationToken ct)
    {
        var root = grains.GetGrain<IRootAgent>(job.Name);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                take(await root.ReportAsync(report()).WaitAsync(CallLimit, ct));
                LogOnChange("");
                await changed.WaitAsync(Period, ct);
            }
            catch (Exception error) when (error is not JobMismatchException && !ct.IsCancellationRequested)
            {
                LogOnChange(error.Message);
                await changed.WaitAsync(RetryDelay, ct);
            }
        }
    }

    private void LogOnChange(string error)
    {
        if (error == _lastError) return;
        _lastError = error;
        if (error.Length > 0) LogUnreachable(error);
        else LogReachable();
    }

    [LoggerMessage(3200, LogLevel.Warning, "The root agent does not answer, trying again: {Error}")]
    private partial void LogUnreachable(string error);

    [LoggerMessage(3201, LogLevel.Information, "The root agent answers")]
    private partial void LogReachable();
}
