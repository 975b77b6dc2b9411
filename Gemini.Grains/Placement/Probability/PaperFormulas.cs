using System.Numerics;

namespace Gemini.Grains.Placement.Probability;

/// <summary>
/// The formulas of GEMINI (SOSP'23) §4 as printed, for comparison with the exact values of <see cref="RecoveryProbability"/>.
/// </summary>
/// <remarks>
/// Symbols: N hosts, m replicas, k hosts lost together. Integers up to the final fraction. Checked by: PaperFormulasTests.
/// </remarks>
public static class PaperFormulas
{
    /// <summary>Corollary 1: a lower bound for group placement.</summary>
    /// <remarks>
    /// Pr = 1 for k &lt; m; Pr ≥ max{0, 1 - N·C(N-m, k-m) / (m·C(N, k))} for m ≤ k ≤ N. A union bound over the N/m groups: equal to the
    /// exact value for k &lt; 2m, below it from there (N=16, m=2, k=4: 0.6000 against 0.6154). Valid for m | N.
    /// </remarks>
    /// <exception cref="ArgumentException">m does not divide N.</exception>
    public static ExactProbability Corollary1LowerBound(int hostCount, int replicas, int lostHosts)
    {
        CheckRange(hostCount, replicas, lostHosts);
        if (hostCount % replicas != 0)
            throw new ArgumentException($"Corollary 1 needs m | N, but {hostCount} is no multiple of {replicas}", nameof(hostCount));
        return UnionBound(hostCount / replicas, hostCount, replicas, lostHosts);
    }

    /// <summary>The ring's value in Fig. 9 and in "25 % lower": a union bound, not the probability.</summary>
    /// <remarks>
    /// max{0, 1 - N·C(N-m, k-m) / C(N, k)}, 1 for k &lt; m. It counts a loss of m+1 neighbours once per window inside it, so it is exact
    /// for k = m only (N &gt; m) and a lower bound above: N=16, m=2, k=3 gives 3/5 where the exact value is 22/35 = 0.6286. For N = m the
    /// N windows are the same one and the bound is useless, but holds. Valid for N ≥ m ≥ 1.
    /// </remarks>
    public static ExactProbability RingUnionBound(int hostCount, int replicas, int lostHosts)
    {
        CheckRange(hostCount, replicas, lostHosts);
        return UnionBound(hostCount, hostCount, replicas, lostHosts);
    }

    /// <summary>Theorem 1's upper bound on any placement, for k = m: at least ⌈N/m⌉ distinct holder sets cover all hosts.</summary>
    /// <remarks>1 - ⌈N/m⌉ / C(N, m). Attained by group placement. Valid for N ≥ m ≥ 1 and k = m only.</remarks>
    public static ExactProbability Theorem1UpperBound(int hostCount, int replicas)
    {
        CheckRange(hostCount, replicas, replicas);
        return UnionBound((hostCount + replicas - 1) / replicas, hostCount, replicas, replicas);
    }

    /// <summary>Theorem 1 (2): how far mixed placement can be below that upper bound, for k = m.</summary>
    /// <remarks>
    /// (2m-3) / C(N, m). The paper writes "&lt;"; it is "≤", with equality for N mod m = m-1 (N=5, m=2: 0.60 against 0.70, gap 0.1).
    /// Valid for N &gt; m ≥ 2. For m | N the gap is 0 and the theorem says so in (1); for m = 1, where m always divides N, 0 is returned.
    /// </remarks>
    public static ExactProbability Theorem1GapBound(int hostCount, int replicas)
    {
        CheckRange(hostCount, replicas, replicas);
        return ExactProbability.Clamped((2 * replicas) - 3, BinomialWalker.Value(hostCount, replicas));
    }

    // 1 - s·C(N-m, k-m) / C(N, k): each of s sets of m hosts is inside a loss of k hosts with probability C(N-m, k-m) / C(N, k).
    private static ExactProbability UnionBound(BigInteger setCount, int hostCount, int replicas, int lostHosts)
    {
        if (lostHosts < replicas) return ExactProbability.One;
        var possible = BinomialWalker.Value(hostCount, lostHosts);
        return ExactProbability.Clamped(possible - (setCount * BinomialWalker.Value(hostCount - replicas, lostHosts - replicas)), possible);
    }

    private static void CheckRange(int hostCount, int replicas, int lostHosts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(hostCount, replicas);
        ArgumentOutOfRangeException.ThrowIfNegative(lostHosts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lostHosts, hostCount);
    }
}
