using Gemini.Trainer.Data;

namespace Gemini.Trainer.Tests.Data;

public sealed class SplitMix64Tests
{
    /// <summary>The first numbers of the published program with seed 1234567.</summary>
    [Fact]
    public void Mix_FollowsThePublishedProgram()
    {
        const ulong Seed = 1234567, Increment = 0x9E3779B97F4A7C15;
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423];
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(step => SplitMix64.Mix(unchecked(Seed + ((ulong)step * Increment)))));
    }

    [Fact]
    public void Below_AnyBound_StaysBelowAndReachesAll()
    {
        var random = new SplitMix64(1);
        var counts = new int[10];
        for (var draw = 0; draw < 10_000; draw++) counts[random.Below(10)]++;
        Assert.All(counts, count => Assert.InRange(count, 880, 1120)); // Four standard deviations.
        Assert.Equal(0, random.Below(1));
        Assert.InRange(random.Below(long.MaxValue), 0, long.MaxValue - 1);
    }

    [Fact]
    public void Keys_AllOfThemAndTheirOrderMatter()
    {
        ulong[][] keys = [[1, 2], [2, 1], [1, 3], [3], [1, 2, 0], [1, 2, 1]];
        Assert.Equal(keys.Length, keys.Select(key => new SplitMix64(key).Below(long.MaxValue)).Distinct().Count());
        Assert.Equal(new SplitMix64(1, 2).Below(long.MaxValue), new SplitMix64(1, 2).Below(long.MaxValue));
    }
}
