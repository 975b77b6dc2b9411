using CsCheck;
using Gemini.Grains.Scheduling;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Grains.Tests.Scheduling;

/// <summary>What is learnt from iterations about their idle spans.</summary>
public sealed class SpanProfileTests
{
    private const int Iterations = 20;

    [Fact]
    public void FewerIterationsThanProfiled_NothingIsKnown() => Assert.Empty(Learn(new SpanProfile(Iterations), Iterations - 1, 10, 20).Spans);

    [Fact]
    public void EnoughIterations_GiveMeanShortestAndSpread()
    {
        var profile = new SpanProfile(4);
        foreach (var length in (int[])[90, 110, 100, 100]) profile = profile.With(Spans(length, 40) with { Busy = [Milliseconds(2 * length)] });
        Assert.Equal([Milliseconds(100), Milliseconds(40)], profile.Spans.Select(span => span.Mean));
        Assert.Equal([Milliseconds(90), Milliseconds(40)], profile.Spans.Select(span => span.Shortest));
        Assert.Equal(0.0707, profile.Spans[0].Spread, tolerance: 0.0001);
        Assert.Equal(0, profile.Spans[1].Spread);
        Assert.Equal([Milliseconds(180), TimeSpan.Zero], profile.Spans.Select(span => span.ShortestUse));
    }

    /// <summary>The first iteration compiles code, so it is often many times longer than the others.</summary>
    [Fact]
    public void FirstIterationIsOdd_ItIsForgotten()
    {
        var profile = Learn(new SpanProfile(Iterations).With(Spans(900, 20)), Iterations, 10, 20);
        Assert.Equal([Milliseconds(10), Milliseconds(20)], profile.Spans.Select(span => span.Mean));
    }

    [Fact]
    public void OddIterationsNowAndThen_ChangeNothing()
    {
        var known = Learn(new SpanProfile(Iterations), Iterations, 10, 20);
        var profile = known;
        for (var time = 0; time < 10; time++)
        {
            profile = Learn(profile, SpanProfile.StrangersMax - 1, 10, 90);
            profile = Learn(profile, 1, 10, 20);
        }

        Assert.Equal(known.Spans, profile.Spans);
    }

    /// <summary>Spans that move, or one that vanishes: the shape is new even if the idle time is the same.</summary>
    [Theory]
    [InlineData(20, 10)]
    [InlineData(30)]
    [InlineData(10, 20, 5)]
    [InlineData(10, 60)]
    public void AnotherShape_IsKnownAfterAFewIterations(params int[] lengths)
    {
        var before = Learn(new SpanProfile(Iterations), Iterations, 10, 20);
        var profile = Learn(before, SpanProfile.StrangersMax - 1, lengths);
        Assert.Equal(before.Spans, profile.Spans);
        profile = Learn(profile, 1, lengths);
        Assert.Equal(lengths.Select(Milliseconds), profile.Spans.Select(span => span.Mean));
    }

    [Fact]
    public void OddIterationsThatDoNotFitEachOther_AreNoShape()
    {
        var known = Learn(new SpanProfile(Iterations), Iterations, 10, 20);
        var profile = known;
        for (var length = 50; length < 5_000_000; length *= 2) profile = Learn(profile, 1, 10, length);
        Assert.Equal(known.Spans, profile.Spans);
    }

    /// <summary>After a change the profile is used at once, and becomes more exact until all iterations are in it.</summary>
    [Fact]
    public void AnotherShape_BecomesMoreExact()
    {
        var profile = Learn(new SpanProfile(Iterations), Iterations, 10, 20);
        profile = Learn(profile, SpanProfile.StrangersMax, 100);
        profile = Learn(profile, Iterations - SpanProfile.StrangersMax, 104);
        Assert.Equal(Milliseconds(103), Assert.Single(profile.Spans).Mean);
    }

    /// <summary>The first iterations of a job are often slower than all later ones.</summary>
    [Fact]
    public void IterationsBecomeFasterByAndBy_TheNewestCount()
    {
        var profile = Learn(new SpanProfile(Iterations), Iterations, 100);
        profile = Learn(profile, Iterations, 90);
        var span = Assert.Single(Learn(profile, Iterations, 80).Spans);
        Assert.Equal((Milliseconds(80), Milliseconds(80)), (span.Mean, span.Shortest));
    }

    /// <summary>Whatever comes, the statistics are those of real iterations, and there are some as soon as 20 alike have come.</summary>
    [Fact]
    public void AnyIterations_TheMeanIsNeverBelowTheShortest() =>
        Gen.Int[0, 50].Array[1, 4].Array[0, 60].Sample(iterations =>
        {
            var profile = new SpanProfile(3);
            foreach (var iteration in iterations) profile = profile.With(Spans(iteration));
            Assert.All(profile.Spans, span => Assert.True(span.Shortest <= span.Mean && span.Spread >= 0));
            Assert.NotEmpty(Learn(profile, SpanProfile.StrangersMax, 7, 7).Spans);
        });

    [Fact]
    public void NoIdleSpan_SaysNothing()
    {
        var profile = new SpanProfile(1);
        Assert.Same(profile, profile.With(Spans()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SpanProfile(0));
    }

    private static SpanProfile Learn(SpanProfile profile, int times, params int[] milliseconds) =>
        Enumerable.Range(0, times).Aggregate(profile, (learnt, _) => learnt.With(Spans(milliseconds)));

    private static NetworkIteration Spans(params int[] milliseconds) =>
        new(Milliseconds(1000), [.. milliseconds.Select(Milliseconds)], [.. milliseconds.Skip(1).Select(_ => Milliseconds(10))]);

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
