using System.Numerics;

namespace Gemini.Grains.Placement.Probability;

/// <summary>
/// The generating function of the losses that a set of hosts survives: the coefficient of x^k is the number of ways to lose k of its
/// hosts and still have a holder of every shard.
/// </summary>
/// <remarks>
/// Kept as a sum of terms c·x^a·(1+x)^b: "a hosts are certainly lost, b more may be". Inclusion-exclusion yields such sums directly,
/// products of them stay such sums, and one coefficient, Σ c·C(b, k-a), needs neither enumeration nor the other coefficients.
/// Integers throughout: no error. Checked by: LossPolynomialTests, and by enumeration in RecoveryProbabilityTests (N ≤ 9).
/// </remarks>
internal sealed class LossPolynomial
{
    // Sorted by falling number of free hosts, the order in which BinomialWalker moves.
    private readonly (int Lost, int Free, BigInteger Coefficient)[] _terms;

    private LossPolynomial(IEnumerable<(int Lost, int Free, BigInteger Coefficient)> terms) =>
        _terms = [.. terms.Where(term => !term.Coefficient.IsZero).OrderByDescending(term => term.Free).ThenBy(term => term.Lost)];

    /// <summary>No hosts, nothing to lose.</summary>
    public static LossPolynomial One { get; } = new([(0, 0, BigInteger.One)]);

    public int TermCount => _terms.Length;

    /// <summary>((1+x)^m - x^m)^G: no group may lose all its members.</summary>
    /// <remarks>
    /// By the binomial theorem Σ_j (-1)^j C(G, j) x^(jm) (1+x)^(m(G-j)): G + 1 terms, exact for every k. Corollary 1 of GEMINI (SOSP'23) comes from
    /// this form: its bound is the part with j ≤ 1.
    /// </remarks>
    /// <param name="groupCount">G ≥ 0.</param>
    /// <param name="replicas">m ≥ 1.</param>
    public static LossPolynomial Groups(int groupCount, int replicas)
    {
        var terms = new List<(int, int, BigInteger)>(groupCount + 1);
        var ways = BigInteger.One;
        for (var broken = 0; broken <= groupCount; broken++)
        {
            terms.Add((broken * replicas, (groupCount - broken) * replicas, Signed(ways, broken)));
            ways = ways * (groupCount - broken) / (broken + 1);
        }

        return new LossPolynomial(terms);
    }

    /// <summary>A ring of n hosts with window m: no m neighbours around the ring may all be lost.</summary>
    /// <remarks>
    /// The paper has no exact value (its formula is <see cref="PaperFormulas.RingUnionBound"/>). Every run of m or more losses, unless
    /// all n are lost, starts at exactly one place: a kept host followed by m lost ones. Such blocks of m+1 hosts are disjoint, and j of
    /// them fit around the ring in n/(n-jm)·C(n-jm, j) ways, so by inclusion-exclusion
    /// R(x) = Σ_j (-1)^j n/(n-jm)·C(n-jm, j)·x^(jm)·(1+x)^(n-j(m+1)) - x^n, 0 ≤ j ≤ n/(m+1).
    /// Valid for n &gt; m ≥ 1; for n = m all windows are the same one, which is a group.
    /// </remarks>
    /// <param name="hostCount">n.</param>
    /// <param name="replicas">m.</param>
    public static LossPolynomial Ring(int hostCount, int replicas)
    {
        if (hostCount <= replicas) return Groups(1, replicas);
        var terms = new List<(int, int, BigInteger)> { (hostCount, 0, BigInteger.MinusOne) };
        var walker = new BinomialWalker(hostCount, 0);
        for (var runs = 0; runs * (replicas + 1) <= hostCount; runs++)
        {
            var units = hostCount - (runs * replicas);
            var ways = walker.MoveTo(units, runs) * hostCount / units;
            terms.Add((runs * replicas, hostCount - (runs * (replicas + 1)), Signed(ways, runs)));
        }

        return new LossPolynomial(terms);
    }

    /// <summary>The polynomial of two disjoint sets of hosts together: losses in one set do not affect the other.</summary>
    public LossPolynomial Times(LossPolynomial other)
    {
        var sums = new Dictionary<(int, int), BigInteger>(TermCount * other.TermCount);
        foreach (var left in _terms)
        {
            foreach (var right in other._terms)
            {
                var key = (left.Lost + right.Lost, left.Free + right.Free);
                sums[key] = sums.GetValueOrDefault(key) + (left.Coefficient * right.Coefficient);
            }
        }

        return new LossPolynomial(sums.Select(sum => (sum.Key.Item1, sum.Key.Item2, sum.Value)));
    }

    /// <summary>[x^k]: the survivable ways to lose k hosts.</summary>
    public BigInteger Coefficient(int lostHosts) => Coefficient(lostHosts, out _);

    /// <param name="lostHosts">k.</param>
    /// <param name="stepCount">Steps of the walk: at most N plus two per term, for any k.</param>
    internal BigInteger Coefficient(int lostHosts, out long stepCount)
    {
        var sum = BigInteger.Zero;
        BinomialWalker? walker = null;
        foreach (var (lost, free, coefficient) in _terms)
        {
            var chosen = lostHosts - lost;
            if (chosen < 0 || chosen > free) continue;
            walker ??= new BinomialWalker(free, chosen);
            sum += coefficient * walker.MoveTo(free, chosen);
        }

        stepCount = walker?.StepCount ?? 0;
        return sum;
    }

    private static BigInteger Signed(BigInteger value, int index) => index % 2 == 0 ? value : -value;
}
