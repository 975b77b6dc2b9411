using System.Numerics;

namespace Gemini.Grains.Placement.Domains;

/// <summary>Counts the subsets of domains that contain no domain set as a whole.</summary>
internal sealed class SurvivableDomainSubsets
{
    private readonly int[][] _setsOf;
    // For each set, how many of its domains are not chosen. Invariant: above zero, or the last choice is about to be undone.
    private readonly int[] _left;
    private long _stepsLeft;

    private SurvivableDomainSubsets(int[][] sets, int domainCount, long stepMax)
    {
        _stepsLeft = stepMax;
        _left = [.. sets.Select(set => set.Length)];
        var setsOf = Enumerable.Range(0, domainCount).Select(_ => new List<int>()).ToArray();
        for (var index = 0; index < sets.Length; index++)
            foreach (var domain in sets[index]) setsOf[domain].Add(index);
        _setsOf = [.. setsOf.Select(list => list.ToArray())];
    }

    /// <param name="sets">The domain sets, each without repetition.</param>
    /// <param name="domainCount">D.</param>
    /// <param name="size">j: domains per subset.</param>
    /// <param name="stepMax">Subsets and products that may be looked at.</param>
    /// <returns>How many of the C(D, j) subsets contain no set; null if the limit does not suffice to count them.</returns>
    public static BigInteger? Count(int[][] sets, int domainCount, int size, long stepMax)
    {
        var counter = new SurvivableDomainSubsets(sets, domainCount, stepMax);
        BigInteger[] product = [BigInteger.One];
        foreach (var component in Components(sets, domainCount))
        {
            var bySize = new long[Math.Min(size, component.Length) + 1];
            counter.Enumerate(component, 0, 0, bySize);
            if (counter._stepsLeft <= 0) return null;
            product = counter.Multiply(product, bySize, size);
        }

        return counter._stepsLeft <= 0 ? null : size < product.Length ? product[size] : BigInteger.Zero;
    }

    /// <summary>Domains that are connected through sets, ascending.</summary>
    internal static IEnumerable<int[]> Components(int[][] sets, int domainCount)
    {
        int[] parent = [.. Enumerable.Range(0, domainCount)];
        int Root(int domain)
        {
            while (parent[domain] != domain) domain = parent[domain] = parent[parent[domain]];
            return domain;
        }

        foreach (var set in sets)
            foreach (var domain in set) parent[Root(domain)] = Root(set[0]);
        return Enumerable.Range(0, domainCount).GroupBy(Root).Select(component => component.ToArray());
    }

    private void Enumerate(int[] component, int from, int chosen, long[] bySize)
    {
        bySize[chosen]++;
        if (chosen == bySize.Length - 1) return;
        for (var index = from; index < component.Length && _stepsLeft > 0; index++)
        {
            _stepsLeft--;
            // A lost set stays lost however the subset grows: nothing below it is counted.
            if (Choose(component[index])) Enumerate(component, index + 1, chosen + 1, bySize);
            foreach (var set in _setsOf[component[index]]) _left[set]++;
        }
    }

    private bool Choose(int domain)
    {
        var survivable = true;
        foreach (var set in _setsOf[domain]) survivable &= --_left[set] > 0;
        return survivable;
    }

    private BigInteger[] Multiply(BigInteger[] left, long[] right, int degreeMax)
    {
        var product = new BigInteger[Math.Min(left.Length + right.Length - 1, degreeMax + 1)];
        for (var i = 0; i < left.Length && _stepsLeft > 0; i++)
        {
            for (var j = 0; j < right.Length && i + j < product.Length; j++) product[i + j] += left[i] * right[j];
            _stepsLeft -= right.Length;
        }

        return product;
    }
}
