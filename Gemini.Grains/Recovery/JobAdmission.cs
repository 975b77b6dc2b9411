using Gemini.Grains.Placement;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Which hosts take part in the job: those whose configuration agrees with its record, each under its own name. Without a record nobody knows which
/// configuration is right; then reports with another configuration than this root agent's host are kept aside. Pure.
/// </summary>
internal sealed class JobAdmission(JobState state, HostRoster roster)
{
    /// <summary>
    /// In milliseconds. A present host reports once a second. A host that was silent for this long keeps no name and does not count any more.
    /// </summary>
    private const long SilenceLimit = 3000;

    private readonly string _fingerprint = state.Job.Fingerprint();

    /// <summary>
    /// The newest reports of hosts that are configured for another job, with the time of each report. Used while no record says which job is right.
    /// </summary>
    private readonly SortedDictionary<HostName, (HostReport Report, long ReportedAt)> _others = [];

    /// <summary>
    /// Whether the root agent's own host has the wrong specification: the other hosts agree on another one. If that other specification is known, the
    /// record now contains it. This root agent must write the record and leave. It must not end any host.
    /// </summary>
    public bool IsOdd { get; private set; }

    /// <summary>
    /// Returns whether the report comes from a host of this job. Any other report is kept aside until a record says which specification is right.
    /// </summary>
    /// <exception cref="JobMismatchException">The record says that the host is configured for another job.</exception>
    /// <exception cref="HostNameTakenException">Another silo process elsewhere has the host's name.</exception>
    public bool Observe(HostReport report, long now)
    {
        if (report.SpecFingerprint == _fingerprint)
        {
            _others.Remove(report.Host);
            RefuseTakenName(report, now);
            return true;
        }

        // If this root agent's own specification is the wrong one, it is about to leave and refuses nobody.
        if (!IsOdd && state.Record.Spec is { } recorded)
        {
            throw new JobMismatchException(
                $"The configuration of host {report.Host} does not agree with job '{recorded.Name}': {Describe(recorded, report.Spec)}. Correct the host's "
                + "configuration. Or, to change the job: stop all its hosts, and accept the change with \"gemini respecify --config FILE\".");
        }

        _others[report.Host] = (report, now);
        roster.Remove(report.Host);
        return false;
    }

    /// <summary>A silo process is dead.</summary>
    public void ObserveDead(MemberView dead)
    {
        if (_others.TryGetValue(dead.Host, out var other) && dead.Incarnation >= other.Report.Incarnation) _others.Remove(dead.Host);
    }

    /// <summary>
    /// Without a record, the root agent's own host may be the one with the wrong specification. Then this root agent must not decide.
    /// </summary>
    /// <remarks>Only hosts that are present at the same time can agree. So a host that is dead, or silent for too long, does not count.</remarks>
    /// <param name="isPatient">Whether hosts that have yet to report are still waited for.</param>
    /// <param name="now">Unix milliseconds.</param>
    public void Evaluate(bool isPatient, long now)
    {
        foreach (var silent in _others.Where(other => now - other.Value.ReportedAt >= SilenceLimit).Select(other => other.Key).ToList()) _others.Remove(silent);
        foreach (var group in _others.Values.Select(other => other.Report).GroupBy(report => report.SpecFingerprint))
        {
            var reports = group.ToList();
            if (reports.Find(report => report.Spec is not null)?.Spec is { } spec)
            {
                if (!JobFormation.Decide(spec, JobPlacement.ArrangementOf(spec), reports, isPatient).IsComplete) continue;
                state.Record = state.Record with { Spec = spec };
                IsOdd = true;
                return;
            }

            // These hosts run the job already, and no host with our specification does.
            IsOdd |= reports.Exists(report => report.Done.Epoch > Epoch.Zero)
                && Array.TrueForAll(roster.All, host => host.Report.Done.Epoch == Epoch.Zero);
        }
    }

    /// <summary>Which hosts are kept aside and why, to be added to a sentence; empty without any.</summary>
    public string Describe() => string.Concat(_others.Values.Select(other => other.Report).Select(report => report.Spec is { } spec
        ? $"; the configuration of {report.Host} differs from that of the root agent's host: "
            + SpecDifference.Describe(state.Job.DifferencesTo(spec).Where(difference => difference.MustAgree), "here", "there")
        : $"; {report.Host} is configured for another job than the root agent's host"));

    private static string Describe(JobSpec recorded, JobSpec? other) => other is null
        ? "its specification has another fingerprint"
        : SpecDifference.Describe(recorded.DifferencesTo(other).Where(difference => difference.MustAgree), "in the job's record", "there");

    /// <summary>
    /// Two processes with one address cannot live at the same time, so the later one gets the name. Two processes with different addresses may both
    /// live and train the same rank twice. Then the earlier one keeps the name while it reports.
    /// </summary>
    private void RefuseTakenName(HostReport report, long now)
    {
        if (roster.Find(report.Host) is not { } known) return;
        if (known.Report.DataEndpoint is "" || report.DataEndpoint == known.Report.DataEndpoint) return;
        var isLater = report.Incarnation > known.Report.Incarnation;
        if (isLater && (!known.IsPresent || now - known.ReportedAt >= SilenceLimit)) return;
        if (report.Incarnation == known.Report.Incarnation) return;
        throw new HostNameTakenException(
            $"host.name is \"{report.Host}\" at {report.DataEndpoint}, but host {report.Host} runs at {known.Report.DataEndpoint}; "
            + $"two hosts cannot have the same name. "
            + $"{(isLater ? "Correct host.name, or stop the other host first." : "This silo was cut off, the other one has taken its place; this one ends.")}",
            isDisplaced: !isLater);
    }
}
