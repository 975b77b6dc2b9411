using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

// A job without a record: its first start, or its record was lost. And who takes part in it at all.
public sealed partial class JobCoordinator
{
    /// <summary>The newest reports of hosts that are configured for another job, and when they came, while no record says which one is right.</summary>
    private readonly SortedDictionary<HostName, (HostReport Report, long ReportedAt)> _others = [];

    /// <summary>A living host reports once a second; one that was silent for this long, in milliseconds, holds no name and has no say any more.</summary>
    private const long SilenceLimit = 3000;

    /// <summary>
    /// Whether the root agent's own host is the odd one: the other hosts agree on another specification. The record has that one if
    /// it is known; this root agent must write it and leave, and end nobody.
    /// </summary>
    public bool IsOdd { get; private set; }

    /// <summary>Whether a report is of a host of this job; one that is not is kept aside until there is a record to judge it by.</summary>
    /// <exception cref="JobMismatchException">The record says that it is not.</exception>
    private bool TakesPart(HostReport report, long now)
    {
        if (report.SpecFingerprint == _fingerprint)
        {
            _others.Remove(report.Host);
            return true;
        }

        // An odd root agent is about to leave, and its own specification is the wrong one: it refuses nobody.
        if (!IsOdd && Record.Spec is { } recorded)
        {
            throw new JobMismatchException(
                $"Host {report.Host} is configured for another job than '{recorded.Name}': {Describe(recorded, report.Spec)}. Correct the host's "
                + "configuration. Or, to change the job: stop all its hosts, and accept the change with \"gemini respecify --config FILE\".");
        }

        _others[report.Host] = (report, now);
        _roster.Remove(report.Host);
        return false;
    }

    /// <summary>
    /// Two processes at one address are one after the other, so the later one has the name. At two addresses they may both live, and
    /// train the same rank twice; then the earlier one keeps the name while it reports.
    /// </summary>
    private void RefuseTakenName(HostReport report, long now)
    {
        if (_roster.Find(report.Host) is not { } known) return;
        if (known.Report.DataEndpoint is "" || report.DataEndpoint == known.Report.DataEndpoint) return;
        var isLater = report.Incarnation > known.Report.Incarnation;
        if (isLater && (!known.IsPresent || now - known.ReportedAt >= SilenceLimit)) return;
        if (report.Incarnation == known.Report.Incarnation) return;
        throw new HostNameTakenException(
            $"host.name is \"{report.Host}\" at {report.DataEndpoint}, but host {report.Host} runs at {known.Report.DataEndpoint}; "
            + $"two hosts cannot have one name. "
            + $"{(isLater ? "Correct host.name, or stop the other host first." : "This one was cut off, and the other one has taken its place; it ends.")}",
            isDisplaced: !isLater);
    }

    private static string Describe(JobSpec recorded, JobSpec? other) => other is null
        ? "its specification has another fingerprint"
        : SpecDifference.Describe(recorded.DifferencesTo(other).Where(difference => difference.MustAgree), "in the job's record", "there");

    private void Form(long now)
    {
        var isPatient = now - _state.StartedAt < _state.Health.FormingLimit.TotalMilliseconds;
        var present = _roster.Present.Select(host => host.Report).ToList();
        var formation = JobFormation.Decide(_state.Job, _domains.Arrangement, present, isPatient);
        if (!formation.IsComplete)
        {
            LookForOthers(isPatient, now);
            _state.Explain($"{formation.Reason}{DescribeOthers()}");
            return;
        }

        if (formation.IsRebuilt) _commits.Learn(present.Max(report => report.Committed));
        Record = Record with
        {
            Spec = _state.Job,
            Run = formation.IsRebuilt ? formation.Run : _run,
            IsRebuilt = formation.IsRebuilt,
            Assignment = formation.Assignment,
        };
        BeginEpoch(formation.IsRebuilt ? "the record was lost; the job goes on from what its hosts hold" : "the job starts", failure: null, now);
    }

    /// <summary>Without a record most hosts may be right and the root agent's own wrong: then that one must not decide.</summary>
    /// <remarks>Hosts that were odd one after the other are not a job: who is dead, or silent for too long, has no say.</remarks>
    private void LookForOthers(bool isPatient, long now)
    {
        foreach (var silent in _others.Where(other => now - other.Value.ReportedAt >= SilenceLimit).Select(other => other.Key).ToList()) _others.Remove(silent);
        foreach (var group in _others.Values.Select(other => other.Report).GroupBy(report => report.SpecFingerprint))
        {
            var reports = group.ToList();
            if (reports.Find(report => report.Spec is not null)?.Spec is { } spec)
            {
                if (!JobFormation.Decide(spec, Placement.JobPlacement.ArrangementOf(spec), reports, isPatient).IsComplete) continue;
                Record = Record with { Spec = spec };
                IsOdd = true;
                return;
            }

            // They run the job already, and nobody here does.
            IsOdd |= reports.Exists(report => report.Done.Epoch > Epoch.Zero) && _roster.All.All(host => host.Report.Done.Epoch == Epoch.Zero);
        }
    }

    private void ForgetOther(MemberView dead)
    {
        if (_others.TryGetValue(dead.Host, out var other) && dead.Incarnation >= other.Report.Incarnation) _others.Remove(dead.Host);
    }

    private string DescribeOthers() => string.Concat(_others.Values.Select(other => other.Report).Select(report => report.Spec is { } spec
        ? $"; {report.Host} is configured for another job than the root agent's host: "
            + SpecDifference.Describe(_state.Job.DifferencesTo(spec).Where(difference => difference.MustAgree), "here", "there")
        : $"; {report.Host} is configured for another job than the root agent's host"));
}
