using System.Collections.Immutable;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// How a job without a record begins: which host gets which position, and whether the job continues from the copies that hosts hold. Pure.
/// </summary>
/// <remarks>
/// A job has no record before its first start, or if the store lost the record. The hosts show which case it is: if a host holds a sealed copy, the
/// job has run before, and it never begins anew. Then every position goes to the first of these: the host that still knows that it has the position;
/// a host that holds the shards of the position's own ranks; the host in the configuration. So a standby that had a position keeps it. If nobody is
/// waited for any more, any other host may get a position that is still vacant.
/// </remarks>
internal static class JobFormation
{
    /// <param name="job">The specification of the hosts that report.</param>
    /// <param name="arrangement">The positions of its hosts at a first start.</param>
    /// <param name="present">The newest report of every present host with this specification.</param>
    /// <param name="isPatient">Whether to keep waiting for hosts that have not reported, although other hosts could take their positions.</param>
    public static Formation Decide(JobSpec job, DomainArrangement arrangement, IReadOnlyList<HostReport> present, bool isPatient)
    {
        var configured = arrangement.Hosts.Select(host => host.Host).ToImmutableArray();
        var names = present.Select(report => report.Host).ToHashSet();
        var absent = configured.Where(host => !names.Contains(host)).ToList();
        var holders = present.Where(report => !report.Replicas.IsEmpty && IsOfThisSize(report.Run, job)).ToList();
        if (holders.Count == 0)
        {
            if (Strangers(job, present) is { Length: > 0 } strangers) return Formation.Waiting(strangers);
            return absent.Count > 0
                ? Formation.Waiting($"waiting for {string.Join(", ", absent)} to report")
                : new Formation([.. configured.Select(host => (HostName?)host)], default, IsRebuilt: false, "");
        }

        var run = holders.Max(report => report.Run);
        var assignment = Assign(job, configured, present, run, isPatient);
        var vacant = Enumerable.Range(0, assignment.Length).Where(position => assignment[position] is null).ToList();
        if (vacant.Count == 0 && (absent.Count == 0 || !isPatient)) return new Formation(assignment, run, IsRebuilt: true, "");
        var waited = vacant.Count == 0 ? absent : [.. vacant.Select(position => configured[position])];
        return Formation.Waiting($"the record was lost, and hosts hold snapshots of the job; waiting for {string.Join(", ", waited)} to report");
    }

    private static bool IsOfThisSize(JobRun run, JobSpec job) => run.IsUnknown || run.WorldSize == job.WorldSize;

    /// <summary>
    /// Describes snapshots of another run. They may be the last copies of that run, so only a person may decide to begin the job beside them.
    /// </summary>
    private static string Strangers(JobSpec job, IReadOnlyList<HostReport> present)
    {
        var words = present.SelectMany(report => report.Leftovers
            .Concat(report.Replicas.IsEmpty ? [] : [new LeftoverCopies(report.Run, report.Replicas.Length, report.Replicas.Max(copy => copy.Snapshot), 0)])
            .Select(copies => $"{report.Host} holds snapshot {copies.Newest} of a run with {copies.Run.WorldSize} ranks"));
        return string.Join("; ", words) is { Length: > 0 } held
            ? $"the job has no record, and {held}; the configuration says {job.WorldSize} ranks. Give the job its hosts back, or remove these hosts' "
                + "memory folders to start from the beginning"
            : "";
    }

    private static ImmutableArray<HostName?> Assign(
        JobSpec job, ImmutableArray<HostName> configured, IReadOnlyList<HostReport> present, JobRun run, bool isPatient)
    {
        var assignment = new HostName?[job.HostCount];
        var free = present.OrderBy(report => report.Host).ToList();
        var newest = present.Max(report => report.Done.Epoch);
        var wanted = configured.ToHashSet();
        Fill(position => report => newest > Epoch.Zero && report.Done.Epoch == newest && report.Position == new HostPosition(position));
        Fill(position => report => report.Host == configured[position] && HoldsOwn(report, position));
        Fill(position => report => !wanted.Contains(report.Host) && HoldsOwn(report, position));
        Fill(position => report => report.Host == configured[position]);
        if (!isPatient) Fill(_ => _ => true);
        var seated = assignment.OfType<HostName>().ToList();
        Invariant.Check(seated.Distinct().Count() == seated.Count, "a host has two positions in a job whose record is rebuilt");
        return [.. assignment];

        void Fill(Func<int, Predicate<HostReport>> fits)
        {
            for (var position = 0; position < assignment.Length; position++)
            {
                if (assignment[position] is not null || free.Find(fits(position)) is not { } report) continue;
                assignment[position] = report.Host;
                free.Remove(report);
            }
        }

        bool HoldsOwn(HostReport report, int position) => report.Run == run
            && job.RanksOf(new HostPosition(position)).All(rank => report.Replicas.Any(copy => copy.Owner == rank));
    }
}

/// <summary>What a job without a record does.</summary>
/// <param name="Assignment">The host at each position; empty while the job waits for hosts.</param>
/// <param name="Run">The run whose snapshots the hosts hold; unknown at a first start.</param>
/// <param name="IsRebuilt">Whether the job continues from the copies that hosts hold.</param>
/// <param name="Reason">What the job waits for.</param>
internal sealed record Formation(ImmutableArray<HostName?> Assignment, JobRun Run, bool IsRebuilt, string Reason)
{
    public bool IsComplete => !Assignment.IsEmpty;

    public static Formation Waiting(string reason) => new([], default, IsRebuilt: false, reason);
}
