using System.Numerics;
using CsCheck;
using Gemini.Grains.Placement.Probability;

namespace Gemini.Grains.Tests.Placement.Probability;

public sealed class ExactProbabilityTests
{
    /// <summary>Both numbers fit a double, so the processor's own division gives the correctly rounded quotient.</summary>
    [Fact]
    public void ToDouble_SmallCounts_EqualsTheProcessorsDivision() =>
        Gen.Select(Gen.Long[0, (1L << 53) - 1], Gen.Long[1, (1L << 53) - 1]).Where((part, whole) => part <= whole)
            .Sample((part, whole) => Assert.Equal(part / (double)whole, ExactProbability.Of(part, whole).ToDouble()));

    /// <summary>A common factor of thousands of bits, which nearly cancels, causes no error.</summary>
    [Fact]
    public void ToDouble_CountsOfThousandsOfBits_AreRoundedOnce() =>
        Gen.Select(Gen.Long[1, 1L << 50], Gen.Int[60, 9000]).Sample((part, bits) =>
        {
            var whole = BigInteger.One << bits;
            Assert.Equal(Math.ScaleB(part, -bits), ExactProbability.Of(part, whole).ToDouble());
            Assert.Equal(1.0, ExactProbability.Of(whole - 1, whole).ToDouble());
            Assert.Equal(Math.ScaleB(1, -bits), ExactProbability.Of(whole - 1, whole).Complement.ToDouble());
        });

    [Fact]
    public void Of_IsInLowestTerms()
    {
        Assert.Equal("14/15", ExactProbability.Of(112, 120).ToString());
        Assert.Equal(ExactProbability.Of(1, 2), ExactProbability.Of(21, 42));
        Assert.Equal(ExactProbability.Zero, ExactProbability.Of(0, 7));
        Assert.Equal(ExactProbability.One, ExactProbability.Of(7, 7));
        Assert.Equal((0, 1), (ExactProbability.Zero.ToDouble(), ExactProbability.One.ToDouble()));
    }

    [Theory]
    [InlineData(-1, 2), InlineData(3, 2), InlineData(0, 0)]
    public void Of_NoProbability_Throws(int favourable, int possible) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ExactProbability.Of(favourable, possible));

    [Fact]
    public void Clamped_BelowZero_IsZero() => Assert.Equal(ExactProbability.Zero, ExactProbability.Clamped(-5, 3));
}
