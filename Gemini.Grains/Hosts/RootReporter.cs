using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Sends this host's report to the root agent, on every change and once a second, and takes the directive in the answer. Changes that come while a
/// report is under way are in the next one.
/// </summary>
internal sealed class RootReporter(IControlPlane controlPlane, TimeProvider time)
{
    /// <summary>A report comes at least this often, so that the root agent stays active and informed when nothing changes.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>The pause after a failure: long enough not to flood a root agent that starts, short compared with a recovery.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long this host waits for its name. If only an older process of this host has the name and ended silently, the name is free long before.
    /// </summary>
    private static readonly TimeSpan NameLimit = TimeSpan.FromSeconds(10);

    private long? _nameTakenSince;

    /// <summary>Makes one report, takes the answer, and waits until the next report is due; see <see cref="HostLoop"/>.</summary>
    /// <param name="report">Makes the report.</param>
    /// <param name="take">Receives the answer.</param>
    /// <param name="changed">Set when a report is due.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="JobMismatchException">This host is configured for another job: it cannot take part.</exception>
    /// <exception cref="HostNameTakenException">Another silo process has this host's name, perhaps only for a short time.</exception>
    public async Task ReportAsync(Func<HostReport> report, Action<HostDirective> take, Signal changed, CancellationToken ct)
    {
        try
        {
            take(await controlPlane.ReportAsync(report(), ct));
            _nameTakenSince = null;
        }
        catch (HostNameTakenException taken) when (taken.IsDisplaced || IsNameTakenForGood())
        {
            throw new JobMismatchException(taken.Message);
        }

        await changed.WaitAsync(Period, ct);
    }

    private bool IsNameTakenForGood()
    {
        _nameTakenSince ??= time.GetTimestamp();
        return time.GetElapsedTime(_nameTakenSince.Value) >= NameLimit;
    }
}
