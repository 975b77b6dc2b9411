using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Placement.Probability;

/// <summary>The chance that every shard still has a copy in some host's memory after k hosts were lost together.</summary>
/// <remarks>
/// GEMINI (SOSP'23) §4, Problem 1. Symbols: N hosts, m replicas, k = lost hosts, every k of the N equally likely. The job is lost
/// exactly when all m holders of some host's shards are lost. Groups and rings share no holders, so
/// Pr = [x^k] Π L(x) / C(N, k) with one factor for all groups of m and one per ring; the factors are in <see cref="LossPolynomial"/>.
/// Valid for N ≥ m ≥ 1, 0 ≤ k ≤ N, any placement made of groups of m and rings. Exact: integers up to the final fraction.
/// Cost: O(N/m) terms and O(N) products of a machine word with a number of at most N bits; N = 4096 takes some 10 ms for any k.
/// Checked by: RecoveryProbabilityTests (every subset for all N ≤ 9, m, k and strategies; paper values; a count of operations).
/// </remarks>
public static class RecoveryProbability
{
    /// <param name="plan">The placement.</param>
    /// <param name="lostHosts">k, 0 to N.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is not 0 to N.</exception>
    public static ExactProbability Of(PlacementPlan plan, int lostHosts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lostHosts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lostHosts, plan.HostCount);
        // Theorem 1: m-1 losses leave every shard a copy.
        if (lostHosts < plan.Replicas) return ExactProbability.One;
        return ExactProbability.Of(PolynomialOf(plan).Coefficient(lostHosts), BinomialWalker.Value(plan.HostCount, lostHosts));
    }

    /// <param name="strategy">Which placement.</param>
    /// <param name="hostCount">N.</param>
    /// <param name="replicas">m.</param>
    /// <param name="lostHosts">k.</param>
    public static ExactProbability Of(ReplicaPlacement strategy, int hostCount, int replicas, int lostHosts) =>
        Of(PlacementPlans.Create(strategy, hostCount, replicas), lostHosts);

    internal static LossPolynomial PolynomialOf(PlacementPlan plan)
    {
        // A "ring" of m members is a group: its windows are all the same.
        var cliques = plan.Groups.Count(group => group.Members.Length == plan.Replicas);
        var rings = plan.Groups.Where(group => group.Members.Length != plan.Replicas);
        return rings.Aggregate(
            LossPolynomial.Groups(cliques, plan.Replicas),
            (product, ring) => product.Times(LossPolynomial.Ring(ring.Members.Length, plan.Replicas)));
    }
}
