using System.Collections.Immutable;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Placement.Probability;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement;

/// <summary>Says how well a job's placement protects it, with the hosts that are in its positions now. Pure.</summary>
/// <remarks>
/// The root agent makes this report once per change of the assignment, not per status. But it does so between two messages. So domains are counted
/// with a fortieth of the limit of <see cref="DomainLossProbability"/>, about 15 ms per row. Above that limit the row is a lower bound, and says so.
/// </remarks>
public static class PlacementReport
{
    private const long StepMax = 100_000;

    /// <summary>The least number of rows for lost hosts: they show the first loss that can be fatal, and some more.</summary>
    private const int HostRowMin = 4;

    /// <summary>Rows for each label: one lost rack, two, three.</summary>
    private const int DomainRowMax = 3;

    /// <summary>A longer fraction tells a person less than its decimal value.</summary>
    private const int FractionMaxLength = 21;

    /// <param name="job">The job.</param>
    /// <param name="arrangement">What was decided at the first start.</param>
    /// <param name="hosts">The host at each position now.</param>
    public static PlacementStatus Of(JobSpec job, DomainArrangement arrangement, ImmutableArray<LabelledHost> hosts)
    {
        var plan = JobPlacement.PlanOf(job);
        var domains = job.Domains.Select(label => FailureDomains.Of(label, hosts)).ToList();
        return new PlacementStatus
        {
            Risk = [.. HostRows(plan), .. domains.SelectMany(label => DomainRows(plan, label))],
            Warnings = [.. Warnings(job, plan, arrangement, domains, hosts)],
        };
    }

    /// <summary>The warning for a job with a single copy of each shard; null if there are more copies.</summary>
    public static string? SingleCopyWarning(int replicas) => replicas > 1 ? null
        : "1 replica: every shard has a single copy in host memory, its own host's. A dead trainer is recovered from it, but the loss of any "
            + "host loses the snapshot, and what storage holds is all there is; use 2 replicas to survive the loss of any one host";

    private static IEnumerable<RiskRow> HostRows(PlacementPlan plan) =>
        from lost in Enumerable.Range(1, Math.Min(plan.HostCount, Math.Max(HostRowMin, plan.Replicas + 2)))
        select Row("host", lost, plan.HostCount, RecoveryProbability.Of(plan, lost), isExact: true);

    private static IEnumerable<RiskRow> DomainRows(PlacementPlan plan, FailureDomains domains) =>
        from lost in Enumerable.Range(1, Math.Min(domains.Count, DomainRowMax))
        let loss = DomainLossProbability.Of(plan, domains, lost, StepMax)
        select Row(domains.Label, lost, domains.Count, loss.Recovery, loss.Method == DomainLossMethod.Exact);

    private static RiskRow Row(string what, int lost, int of, ExactProbability recovery, bool isExact)
    {
        var fraction = recovery.ToString();
        return new RiskRow(
            what, lost, of, recovery.ToDouble(), recovery.Complement.ToDouble(), fraction.Length <= FractionMaxLength ? fraction : "", isExact);
    }

    private static IEnumerable<string> Warnings(
        JobSpec job, PlacementPlan plan, DomainArrangement arrangement, List<FailureDomains> domains, ImmutableArray<LabelledHost> hosts)
    {
        if (SingleCopyWarning(job.Replicas) is { } single) yield return single;
        for (var label = 0; label < domains.Count; label++)
        {
            var (atStart, now) = (arrangement.Labels[label], domains[label]);
            int[] sharing = [.. Enumerable.Range(0, plan.HostCount).Where(owner => Shares(plan, now, new HostPosition(owner)))];
            if (sharing.Length > atStart.SharingOwnerCount)
            {
                yield return $"{now.Label}: {SharingReport.Where(plan, now, hosts, sharing)}. "
                    + $"At the start it was {atStart.SharingOwnerCount}: standbys took over positions, and no standby that shares less was present";
            }
            else if (sharing.Length > 0)
            {
                yield return $"{atStart.Reason} ({Words(atStart.Verdict)})";
            }

            if (now.UnlabelledCount > 0)
            {
                var without = hosts.Where(host => host.Labels.ValueOf(now.Label) is null).Select(host => host.Host);
                yield return $"{now.Label}: {string.Join(", ", without)} have no such label; each counts as a domain of its own";
            }
        }
    }

    private static bool Shares(PlacementPlan plan, FailureDomains domains, HostPosition owner)
    {
        var holders = plan.HoldersOf(owner);
        return holders.Select(holder => domains.DomainOf(holder.Value)).Distinct().Count() < holders.Length;
    }

    private static string Words(SharingVerdict verdict) => verdict switch
    {
        SharingVerdict.FewestShared => "proven: no order of the hosts shares less",
        SharingVerdict.Unavoidable => "unavoidable; whether another order shares less is not known",
        _ => "unproven: a better order of the hosts may exist",
    };
}
