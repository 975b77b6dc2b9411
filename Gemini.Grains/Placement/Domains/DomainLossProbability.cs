using System.Numerics;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Placement.Probability;

namespace Gemini.Grains.Placement.Domains;

/// <summary>The chance that every shard still has a copy in some host's memory after j whole domains of one label were lost.</summary>
/// <remarks>
/// Beyond the paper. Symbols: D domains, j lost, every j of the D equally likely, whatever their sizes. The domains of a shard's holders are its
/// domain set; the job is lost exactly when some domain set is lost as a whole. Domains in one domain set are connected; losses in one connected
/// component do not affect another. So Pr = [x^j] Π_c S_c(x) / C(D, j), S_c counting the survivable subsets of component c by size. These subsets are
/// enumerated, up to a limit of steps for all components together; a branch ends at its first lost domain set. The result is exact
/// (<see cref="DomainLossMethod.Exact"/>). Counting such subsets in general is #P-hard (with m = 2 they are the independent sets of a graph), so
/// above the limit the answer is the lower bound
/// Pr ≥ max{0, 1 - Σ_s C(D-|s|, j-|s|) / C(D, j)} over the distinct domain sets s (<see cref="DomainLossMethod.UnionBound"/>).
/// Valid for any placement, 0 ≤ j ≤ D. Checked by: DomainLossProbabilityTests (all subsets of domains for small N; domains of one host
/// against <see cref="RecoveryProbability"/>; the bound against exact values).
/// </remarks>
public static class DomainLossProbability
{
    /// <summary>Subsets looked at; about 0.5 s. Enough for j = 3 of 200 racks, or for any j of 20 racks that are all connected.</summary>
    private const long DefaultStepMax = 4_000_000;

    /// <param name="plan">The placement.</param>
    /// <param name="domains">Of the hosts by position.</param>
    /// <param name="lostDomains">j, 0 to D.</param>
    /// <exception cref="ArgumentException">The domains are of another number of hosts than the plan.</exception>
    /// <exception cref="ArgumentOutOfRangeException">j is not 0 to D.</exception>
    public static DomainLoss Of(PlacementPlan plan, FailureDomains domains, int lostDomains) =>
        Of(plan, domains, lostDomains, DefaultStepMax);

    internal static DomainLoss Of(PlacementPlan plan, FailureDomains domains, int lostDomains, long stepMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lostDomains);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lostDomains, domains.Count);
        if (domains.HostCount != plan.HostCount)
            throw new ArgumentException($"domains of {domains.HostCount} hosts for a placement of {plan.HostCount}", nameof(domains));
        var sets = DomainSets(plan, domains);
        var possible = BinomialWalker.Value(domains.Count, lostDomains);
        var survivable = SurvivableDomainSubsets.Count(sets, domains.Count, lostDomains, stepMax);
        var (recovery, method) = survivable is { } count
            ? (ExactProbability.Of(count, possible), DomainLossMethod.Exact)
            : (UnionBound(sets, domains.Count, lostDomains), DomainLossMethod.UnionBound);
        return new DomainLoss(domains.Label, domains.Count, lostDomains, recovery, method);
    }

    private static int[][] DomainSets(PlacementPlan plan, FailureDomains domains)
    {
        var distinct = new Dictionary<string, int[]>(StringComparer.Ordinal);
        foreach (var owner in plan.Groups.SelectMany(group => group.Members))
        {
            int[] set = [.. plan.HoldersOf(owner).Select(holder => domains.DomainOf(holder.Value)).Distinct().Order()];
            distinct.TryAdd(string.Join(',', set), set);
        }

        return [.. distinct.Values];
    }

    private static ExactProbability UnionBound(int[][] sets, int domainCount, int lostDomains)
    {
        var possible = BinomialWalker.Value(domainCount, lostDomains);
        var fatal = BigInteger.Zero;
        foreach (var size in sets.GroupBy(set => set.Length))
            fatal += size.Count() * BinomialWalker.Value(domainCount - size.Key, lostDomains - size.Key);
        return ExactProbability.Clamped(possible - fatal, possible);
    }
}
