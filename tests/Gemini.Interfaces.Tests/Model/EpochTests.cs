using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Tests.Model;

public sealed class EpochTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(1_000_000, true)]
    [InlineData(1L << 40, true)]
    [InlineData((1L << 40) + 1, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(-1, false)]
    [InlineData(long.MinValue, false)]
    public void IsPossible_WhatNoJobCanReach_IsNot(long value, bool isPossible) => Assert.Equal(isPossible, new Epoch(value).IsPossible);

    [Fact]
    public void Next_NeverFallsBehind()
    {
        Assert.Equal(new Epoch(8), new Epoch(7).Next());
        Assert.Throws<OverflowException>(() => new Epoch(long.MaxValue).Next());
    }
}
