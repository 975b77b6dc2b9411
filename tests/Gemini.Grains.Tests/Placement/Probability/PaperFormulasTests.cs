using Gemini.Grains.Placement.Probability;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Probability;

/// <summary>The paper's formulas give the paper's values, and have the right relation to the exact values.</summary>
public sealed class PaperFormulasTests
{
    [Theory]
    [InlineData(16, 2, 2, "14/15")]
    [InlineData(16, 2, 3, "4/5")]
    [InlineData(16, 2, 4, "3/5")]
    [InlineData(16, 2, 5, "1/3")]
    [InlineData(16, 2, 6, "0/1")]
    [InlineData(16, 2, 1, "1/1")]
    public void Corollary1_PapersValues(int hosts, int replicas, int lost, string expected) =>
        Assert.Equal(expected, PaperFormulas.Corollary1LowerBound(hosts, replicas, lost).ToString());

    [Theory]
    [InlineData(16, 2, 2, "13/15")]
    [InlineData(16, 2, 3, "3/5")] // "25 % lower" than 4/5; exact: 22/35, 21.4 % lower.
    public void RingUnionBound_PapersValues(int hosts, int replicas, int lost, string expected) =>
        Assert.Equal(expected, PaperFormulas.RingUnionBound(hosts, replicas, lost).ToString());

    [Theory]
    [InlineData(32, 0.8065)]
    [InlineData(64, 0.9048)]
    [InlineData(128, 0.9528)]
    public void RingUnionBound_Fig9ThreeLosses(int hosts, double expected) =>
        Assert.Equal(expected, Math.Round(PaperFormulas.RingUnionBound(hosts, 2, 3).ToDouble(), 4));

    [Fact]
    public void RingRelativeDrop_PaperSays25Percent_ExactIs21Point4()
    {
        var group = RecoveryProbability.Of(ReplicaPlacement.Group, 16, 2, 3).ToDouble();

        Assert.Equal(0.25, 1 - (PaperFormulas.RingUnionBound(16, 2, 3).ToDouble() / group), 12);
        Assert.Equal(3.0 / 14, 1 - (RecoveryProbability.Of(ReplicaPlacement.Ring, 16, 2, 3).ToDouble() / group), 12);
    }

    /// <summary>Equal below 2m; a lower bound from 2m on.</summary>
    [Fact]
    public void Corollary1_IsExactBelow2M_AndABoundAbove()
    {
        foreach (var (hosts, replicas) in Shapes.UpTo(24).Where(shape => shape.Hosts % shape.Replicas == 0))
        {
            for (var lost = 0; lost <= hosts; lost++)
            {
                var bound = PaperFormulas.Corollary1LowerBound(hosts, replicas, lost);
                var exact = RecoveryProbability.Of(ReplicaPlacement.Group, hosts, replicas, lost);
                Assert.True(Fractions.AtMost(bound, exact));
                if (lost < 2 * replicas) Assert.Equal(exact, bound);
            }
        }
    }

    [Fact]
    public void RingUnionBound_IsExactAtM_AndABoundAbove()
    {
        foreach (var (hosts, replicas) in Shapes.UpTo(24))
        {
            for (var lost = 0; lost <= hosts; lost++)
            {
                var bound = PaperFormulas.RingUnionBound(hosts, replicas, lost);
                var exact = RecoveryProbability.Of(ReplicaPlacement.Ring, hosts, replicas, lost);
                Assert.True(Fractions.AtMost(bound, exact));
                if (lost <= replicas && hosts > replicas) Assert.Equal(exact, bound);
            }
        }
    }

    /// <summary>Theorem 1: mixed placement is within (2m-3)/C(N,m) of any placement, with equality exactly for N mod m = m-1.</summary>
    [Fact]
    public void Theorem1_MixedIsWithinTheGap_WithEqualityAtItsEnd()
    {
        foreach (var (hosts, replicas) in Shapes.UpTo(24).Where(shape => shape.Replicas >= 2 && shape.Hosts > shape.Replicas))
        {
            var mixed = RecoveryProbability.Of(ReplicaPlacement.Mixed, hosts, replicas, replicas);
            var best = PaperFormulas.Theorem1UpperBound(hosts, replicas);
            var gap = ExactProbability.Of(
                (best.Favourable * mixed.Possible) - (mixed.Favourable * best.Possible), best.Possible * mixed.Possible);
            Assert.True(Fractions.AtMost(gap, PaperFormulas.Theorem1GapBound(hosts, replicas)));
            if (hosts % replicas == 0) Assert.Equal(ExactProbability.Zero, gap);
            else Assert.Equal(hosts % replicas == replicas - 1, gap == PaperFormulas.Theorem1GapBound(hosts, replicas));
        }
    }

    [Fact]
    public void Theorem1_N5M2_GapIsTheBound()
    {
        Assert.Equal("7/10", PaperFormulas.Theorem1UpperBound(5, 2).ToString());
        Assert.Equal("1/10", PaperFormulas.Theorem1GapBound(5, 2).ToString());
        Assert.Equal(0.9338, Math.Round(PaperFormulas.Theorem1UpperBound(17, 2).ToDouble(), 4));
    }

    [Fact]
    public void Corollary1_MDoesNotDivideN_IsNotDefined() =>
        Assert.Throws<ArgumentException>(() => PaperFormulas.Corollary1LowerBound(17, 2, 2));
}
