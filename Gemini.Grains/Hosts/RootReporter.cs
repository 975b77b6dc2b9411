using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Hosts;

/// <summary>
/// Tells the root agent what is on this host, on every change and once a second, and brings back what should be. Changes
/// that come while a report is under way are in the next one.
/// </summary>
internal sealed class RootReporter(IControlPlane controlPlane, TimeProvider time)
{
    /// <summary>Keeps the root agent alive and informed when nothing changes.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>After a failure: long enough not to flood a root agent that is coming up, short beside a recovery.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long this host waits for its name. An older process of this host that ended without a word is held for dead long before.
    /// </summary>
    private static readonly TimeSpan NameLimit = TimeSpan.FromSeconds(10);

    private long? _nameTakenSince;

    /// <summary>Makes one report, takes the answer, and waits until the next report is due; see <see cref="HostLoop"/>.</summary>
    /// <param name="report">Makes the report.</param>
    /// <param name="take">Receives the answer.</param>
    /// <param name="changed">Set when a report is due.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="JobMismatchException">This host is configured for another job: it cannot take part.</exception>
    /// <exception cref="HostNameTakenException">Another host has this one's name, perhaps not for long.</exception>
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
