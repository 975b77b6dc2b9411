using System.Numerics;
using CsCheck;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Placement.Probability;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Probability;

/// <summary>Compared with the paper's numbers, with every subset of hosts for N ≤ 9, and with other closed forms for thousands of hosts.</summary>
public sealed class RecoveryProbabilityTests
{
    private const ReplicaPlacement Mixed = ReplicaPlacement.Mixed;
    private const ReplicaPlacement Group = ReplicaPlacement.Group;
    private const ReplicaPlacement Ring = ReplicaPlacement.Ring;

    [Theory]
    [InlineData(Group, 16, 2, 2, "14/15")]
    [InlineData(Group, 16, 2, 3, "4/5")]
    [InlineData(Ring, 16, 2, 2, "13/15")]
    [InlineData(Ring, 16, 2, 3, "22/35")] // 1 - 208/560; the paper's 3/5 is a union bound.
    [InlineData(Mixed, 5, 2, 2, "3/5")]
    [InlineData(Group, 4, 2, 2, "2/3")] // loses in 2 of 6 cases ...
    [InlineData(Ring, 4, 2, 2, "1/3")] // ... and the ring in 4 of 6.
    public void Paper_ExactValues(ReplicaPlacement strategy, int hosts, int replicas, int lost, string expected) =>
        Assert.Equal(expected, RecoveryProbability.Of(strategy, hosts, replicas, lost).ToString());

    [Theory]
    [InlineData(Group, 16, 2, 2, 0.9333)]
    [InlineData(Ring, 16, 2, 2, 0.8667)]
    [InlineData(Ring, 16, 2, 3, 0.6286)]
    [InlineData(Group, 32, 2, 2, 0.9677)]
    [InlineData(Group, 32, 2, 3, 0.9032)]
    [InlineData(Ring, 32, 2, 2, 0.9355)]
    [InlineData(Group, 64, 2, 2, 0.9841)]
    [InlineData(Group, 64, 2, 3, 0.9524)]
    [InlineData(Ring, 64, 2, 2, 0.9683)]
    [InlineData(Group, 128, 2, 2, 0.9921)]
    [InlineData(Group, 128, 2, 3, 0.9764)]
    [InlineData(Ring, 128, 2, 2, 0.9843)]
    [InlineData(Group, 16, 2, 4, 0.6154)]
    [InlineData(Group, 16, 2, 5, 0.4103)]
    [InlineData(Group, 16, 2, 6, 0.2238)]
    [InlineData(Mixed, 17, 2, 2, 0.9265)]
    [InlineData(Group, 15, 3, 3, 0.9890)]
    [InlineData(Group, 15, 3, 4, 0.9560)]
    [InlineData(Group, 15, 3, 5, 0.8901)]
    [InlineData(Ring, 15, 3, 3, 0.9670)]
    [InlineData(Ring, 15, 3, 4, 0.8791)]
    [InlineData(Ring, 15, 3, 5, 0.7253)]
    public void Paper_Tables(ReplicaPlacement strategy, int hosts, int replicas, int lost, double expected) =>
        Assert.Equal(expected, Math.Round(RecoveryProbability.Of(strategy, hosts, replicas, lost).ToDouble(), 4));

    /// <summary>Every subset of hosts: all N ≤ 9, all m, all strategies, all k.</summary>
    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8), InlineData(9)]
    public void Of_EverySmallPlacement_EqualsEnumeration(int hosts)
    {
        foreach (var (strategy, plan) in Shapes.PlansOf(hosts))
        {
            var (survived, possible) = Enumerate(plan);
            for (var lost = 0; lost <= hosts; lost++)
            {
                var expected = ExactProbability.Of(survived[lost], possible[lost]);
                Assert.True(
                    expected == RecoveryProbability.Of(plan, lost), $"N={hosts} m={plan.Replicas} k={lost} {strategy}: expected {expected}");
            }
        }
    }

    /// <summary>Two rings and a group together: no strategy makes such a plan, but the product must hold.</summary>
    [Fact]
    public void Of_SeveralRings_EqualsEnumeration()
    {
        PlacementGroup Members(int index, GroupStrategy strategy, int first, int count) =>
            new(index, strategy, [.. Enumerable.Range(first, count).Select(position => new HostPosition(position))]);
        var plan = new PlacementPlan(
            12, 2, [Members(0, GroupStrategy.Ring, 0, 5), Members(1, GroupStrategy.Group, 5, 2), Members(2, GroupStrategy.Ring, 7, 5)]);

        var (survived, possible) = Enumerate(plan);

        for (var lost = 0; lost <= 12; lost++)
            Assert.Equal(ExactProbability.Of(survived[lost], possible[lost]), RecoveryProbability.Of(plan, lost));
    }

    [Fact]
    public void Of_MoreLosses_IsNeverLikelier() =>
        AnyPlan.Sample(plan =>
        {
            var values = Enumerable.Range(0, plan.HostCount + 1).Select(lost => RecoveryProbability.Of(plan, lost)).ToList();
            Assert.All(values.Take(plan.Replicas), value => Assert.Equal(ExactProbability.One, value));
            Assert.Equal(ExactProbability.Zero, values[^1]);
            Assert.All(values.Zip(values.Skip(1)), pair => Assert.True(Fractions.AtMost(pair.Second, pair.First)));
        });

    /// <summary>For m | N every group is one of the ring's windows, so a ring never survives a loss that groups do not survive.</summary>
    [Fact]
    public void Of_Groups_AreNeverWorseThanTheRing() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 5])
            .SelectMany((groups, replicas) => Gen.Int[0, groups * replicas].Select(lost => (groups * replicas, replicas, lost)))
            .Sample((hosts, replicas, lost) => Assert.True(Fractions.AtMost(
                RecoveryProbability.Of(Ring, hosts, replicas, lost), RecoveryProbability.Of(Group, hosts, replicas, lost))));

    /// <summary>A ring's windows of m+1 hosts contain its windows of m.</summary>
    [Fact]
    public void Of_OneMoreReplicaInTheRing_IsNeverWorse() =>
        Gen.Int[2, 60].SelectMany(hosts => Gen.Select(Gen.Const(hosts), Gen.Int[1, hosts - 1], Gen.Int[0, hosts]))
            .Sample((hosts, replicas, lost) => Assert.True(Fractions.AtMost(
                RecoveryProbability.Of(Ring, hosts, replicas, lost), RecoveryProbability.Of(Ring, hosts, replicas + 1, lost))));

    /// <summary>With twice as many groups, the same number of losses more often loses a whole group.</summary>
    [Fact]
    public void Of_MoreGroups_IsNeverWorse() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[2, 4])
            .SelectMany((groups, replicas) => Gen.Int[0, groups * replicas].Select(lost => (groups, replicas, lost)))
            .Sample((groups, replicas, lost) => Assert.True(Fractions.AtMost(
                RecoveryProbability.Of(Group, groups * replicas, replicas, lost),
                RecoveryProbability.Of(Group, (groups + 1) * replicas, replicas, lost))));

    /// <summary>m = 2: k of N/2 pairs lose one host each, 2^k·C(N/2, k); no two neighbours of a circle, N/(N-k)·C(N-k, k).</summary>
    [Theory]
    [InlineData(2), InlineData(3), InlineData(64), InlineData(700), InlineData(2047), InlineData(2048), InlineData(2049), InlineData(4095)]
    public void Of_4096Hosts_EqualsTheClosedFormsForPairs(int lost)
    {
        const int Hosts = 4096;
        var possible = BinomialWalker.Value(Hosts, lost);
        var pairs = BigInteger.Pow(2, lost) * BinomialWalker.Value(Hosts / 2, lost);
        var apart = Hosts * BinomialWalker.Value(Hosts - lost, lost) / (Hosts - lost);

        Assert.Equal(ExactProbability.Of(pairs, possible), RecoveryProbability.Of(Mixed, Hosts, 2, lost));
        Assert.Equal(ExactProbability.Of(apart, possible), RecoveryProbability.Of(Ring, Hosts, 2, lost));
    }

    /// <summary>
    /// Keeps the calculation fast for thousands of hosts: the work grows with N, whatever m and k are, and not with the number of subsets.
    /// </summary>
    [Theory]
    [InlineData(Mixed, 4096), InlineData(Mixed, 4095), InlineData(Ring, 4096)]
    public void Of_ThousandsOfHosts_TakesStepsInProportionToHosts(ReplicaPlacement strategy, int hosts)
    {
        foreach (var replicas in (int[])[1, 2, 3, 7, 64, 1000, 2047, hosts - 1, hosts])
        {
            var polynomial = RecoveryProbability.PolynomialOf(PlacementPlans.Create(strategy, hosts, replicas));
            Assert.InRange(polynomial.TermCount, 1, (3 * (hosts / replicas)) + 3);
            foreach (var lost in (int[])[replicas, hosts / 16, hosts / 2, hosts - 1])
            {
                Assert.True(polynomial.Coefficient(lost, out var stepCount) >= 0);
                Assert.InRange(stepCount, 0, 4 * hosts);
            }
        }
    }

    [Theory]
    [InlineData(-1), InlineData(5)]
    public void Of_LossesOutOfRange_Throws(int lost) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RecoveryProbability.Of(Mixed, 4, 2, lost));

    private static Gen<PlacementPlan> AnyPlan =>
        Gen.Int[1, 40].SelectMany(hosts => Gen.Select(Gen.Const(hosts), Gen.Int[1, hosts], Gen.Bool))
            .Select((hosts, replicas, ring) => PlacementPlans.Create(ring ? Ring : Mixed, hosts, replicas));

    // The job is lost exactly when all holders of some host's shards are lost: this uses only the definition.
    private static (long[] Survived, long[] Possible) Enumerate(PlacementPlan plan)
    {
        var holders = Enumerable.Range(0, plan.HostCount)
            .Select(owner => plan.HoldersOf(new HostPosition(owner)).Aggregate(0, (mask, holder) => mask | (1 << holder.Value))).ToList();
        var (survived, possible) = (new long[plan.HostCount + 1], new long[plan.HostCount + 1]);
        for (var lost = 0; lost < 1 << plan.HostCount; lost++)
        {
            var count = BitOperations.PopCount((uint)lost);
            possible[count]++;
            if (holders.All(mask => (mask & lost) != mask)) survived[count]++;
        }

        return (survived, possible);
    }
}
