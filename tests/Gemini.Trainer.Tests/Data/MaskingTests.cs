using CsCheck;
using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

/// <summary>Which tokens are masked, and what stands in their place.</summary>
public sealed class MaskingTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(29, 4)]
    [InlineData(126, 19)]
    [InlineData(510, 76)]
    public void Count_IsFifteenPercentOfTheText(int textTokens, int expected) => Assert.Equal(expected, Masking.Count(textTokens));

    [Fact]
    public void Mask_AnySample_HidesOnlyTextTokens_AndTellsWhatTheyWere() => Gen.Select(Gen.Long[0, 255].Array[1, 200], Gen.ULong).Sample((text, key) =>
    {
        long[] original = [SpecialTokens.Classification, .. text, SpecialTokens.Separator], masked = [.. original];
        var (positions, targets) = Masking.Mask(masked, new SplitMix64(key));
        Assert.Equal(Masking.Count(text.Length), positions.Length);
        Assert.Equal(positions.Distinct().Order(), positions);
        Assert.All(positions, position => Assert.InRange(position, 1, text.Length));
        Assert.Equal(positions.Select(position => original[position]), targets);
        foreach (var position in Enumerable.Range(0, original.Length).Except(positions)) Assert.Equal(original[position], masked[position]);
        Assert.All(positions, position => Assert.True(masked[position] is SpecialTokens.Mask or (>= 0 and < 256)));
    });

    /// <summary>
    /// Of 7,600 masked tokens, 80 % should be [MASK] and 10 % kept; 10 % are random, of which one in 256 is the same token. The limits are four
    /// standard deviations.
    /// </summary>
    [Fact]
    public void Mask_ManySamples_EightyTenTen()
    {
        const int Samples = 100, Text = 510;
        int hidden = 0, kept = 0, all = 0;
        var chosen = new int[Text + 2];
        for (ulong sample = 0; sample < Samples; sample++)
        {
            long[] tokens = [SpecialTokens.Classification, .. Enumerable.Repeat(7L, Text), SpecialTokens.Separator];
            var (positions, _) = Masking.Mask(tokens, new SplitMix64(1, sample));
            all += positions.Length;
            hidden += positions.Count(position => tokens[position] == SpecialTokens.Mask);
            kept += positions.Count(position => tokens[position] == 7);
            foreach (var position in positions) chosen[position]++;
        }

        Assert.Equal(7600, all);
        Assert.Equal(0.80, (double)hidden / all, tolerance: 4 * Math.Sqrt(0.8 * 0.2 / all));
        Assert.Equal(0.10 + (0.10 / 256), (double)kept / all, tolerance: 4 * Math.Sqrt(0.1 * 0.9 / all));
        // Every position is chosen now and then: 14.9 times on average, with a standard deviation of 3.6.
        Assert.All(chosen[1..^1], count => Assert.InRange(count, 1, 33));
    }
}
