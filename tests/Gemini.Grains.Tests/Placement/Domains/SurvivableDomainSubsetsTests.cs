using System.Numerics;
using CsCheck;
using Gemini.Grains.Placement.Domains;

namespace Gemini.Grains.Tests.Placement.Domains;

public sealed class SurvivableDomainSubsetsTests
{
    private const long NoLimit = long.MaxValue;

    /// <summary>Up to five sets among up to eight domains.</summary>
    private static readonly Gen<(int DomainCount, int[][] Sets)> AnySets =
        from domains in Gen.Int[1, 8]
        from masks in Gen.Int[1, (1 << domains) - 1].Array[0, 5]
        select (domains, masks.Select(mask => DomainsOf(mask)).ToArray());

    /// <summary>All subsets, one by one.</summary>
    [Fact]
    public void Count_AnySets_EqualsEnumeration() => AnySets.Sample((domainCount, sets) =>
    {
        for (var size = 0; size <= domainCount; size++)
        {
            var expected = Enumerable.Range(0, 1 << domainCount).Count(subset =>
                BitOperations.PopCount((uint)subset) == size && !sets.Any(set => set.All(domain => (subset >> domain & 1) == 1)));
            Assert.Equal((BigInteger)expected, SurvivableDomainSubsets.Count(sets, domainCount, size, NoLimit));
        }
    });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    [InlineData(2, 5)]
    [InlineData(3, 2)]
    [InlineData(4, 0)]
    [InlineData(5, 0)]
    public void Count_OnePairOfFourDomains_IsWhatItShouldBe(int size, int expected) =>
        Assert.Equal((BigInteger)expected, SurvivableDomainSubsets.Count([[1, 2]], domainCount: 4, size, NoLimit));

    /// <summary>The components are counted one by one and multiplied, so a large number of them is no obstacle.</summary>
    [Fact]
    public void Count_ManyComponents_NeedsFewSteps()
    {
        int[][] pairs = [.. Enumerable.Range(0, 100).Select(pair => (int[])[2 * pair, (2 * pair) + 1])];

        // One domain of each pair is lost: two choices for each of them.
        Assert.Equal(BigInteger.Pow(2, 100), SurvivableDomainSubsets.Count(pairs, domainCount: 200, size: 100, stepMax: 50_000));
        Assert.Equal(BigInteger.Zero, SurvivableDomainSubsets.Count(pairs, domainCount: 200, size: 101, stepMax: 50_000));
    }

    /// <summary>With any limit: the exact number, or no number.</summary>
    [Fact]
    public void Count_LimitIsReached_IsNullAndNeverWrong() => Gen.Select(AnySets, Gen.Int[0, 8], Gen.Long[0, 200]).Sample((sets, size, limit) =>
    {
        var exact = SurvivableDomainSubsets.Count(sets.Sets, sets.DomainCount, size, NoLimit);

        var counted = SurvivableDomainSubsets.Count(sets.Sets, sets.DomainCount, size, limit);

        Assert.True(counted is null || counted == exact, $"{counted} and not {exact} with a limit of {limit} steps");
    });

    [Fact]
    public void Count_NoStepIsAllowed_IsNull() => Assert.Null(SurvivableDomainSubsets.Count([[0, 1]], domainCount: 2, size: 1, stepMax: 0));

    /// <summary>Each domain is in one component, and two domains of a set are in the same one. Components that could be divided are none.</summary>
    [Fact]
    public void Components_AreTheFinestDivisionThatCutsNoSet() => AnySets.Sample((domainCount, sets) =>
    {
        var components = SurvivableDomainSubsets.Components(sets, domainCount).ToList();

        Assert.Equal(Enumerable.Range(0, domainCount), components.SelectMany(component => component).Order());
        var reached = Enumerable.Range(0, domainCount).Select(domain => Reached(domain, sets)).ToList();
        Assert.All(components, component => Assert.All(component, domain => Assert.Equal(component, reached[domain])));
    });

    private static int[] Reached(int domain, int[][] sets)
    {
        SortedSet<int> reached = [domain];
        for (var before = 0; before < reached.Count;)
        {
            before = reached.Count;
            foreach (var set in sets.Where(set => set.Any(reached.Contains))) reached.UnionWith(set);
        }

        return [.. reached];
    }

    private static int[] DomainsOf(int mask) => [.. Enumerable.Range(0, 8).Where(domain => (mask >> domain & 1) == 1)];
}
