using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

/// <summary>An iteration of 100 ms with idle spans of 40 and 20 ms; 80 % of a span is used.</summary>
public sealed class SendRuleTests
{
    private const double Safety = 0.8;
    private const double Tolerance = 0.02;

    private static readonly SendFacts Idle = new()
    {
        IsTraining = true,
        Iteration = Milliseconds(100),
        Spans = [Span(40), Span(20)],
        Length = Milliseconds(2),
    };

    [Theory]
    [InlineData(0, 0, SendVerdict.Idle)]
    [InlineData(0, 30, SendVerdict.Idle)]
    [InlineData(0, 30.1, SendVerdict.Ending)]
    [InlineData(0, 60, SendVerdict.Ending)]
    [InlineData(1, 14, SendVerdict.Idle)]
    [InlineData(1, 15, SendVerdict.Ending)]
    public void Idle_APartIsSentIfItFits(int span, double unchanged, SendVerdict expected) =>
        Assert.Equal(expected, Decide(Idle with { Span = span, Unchanged = Milliseconds(unchanged) }));

    [Fact]
    public void Idle_AnIterationHasMoreSpansThanTheProfile_IsUnplanned() => Assert.Equal(SendVerdict.Unplanned, Decide(Idle with { Span = 2 }));

    [Fact]
    public void Idle_NoProfileYet_IsUnplanned() => Assert.Equal(SendVerdict.Unplanned, Decide(Idle with { Spans = [] }));

    [Fact]
    public void Busy_Waits() => Assert.Equal(SendVerdict.Busy, Decide(Idle with { IsBusy = true }));

    /// <summary>Idle time is too short if an iteration was not enough. Then 2 ms more are used, after the longest span and nowhere else.</summary>
    [Theory]
    [InlineData(100.1, 0, 0, SendVerdict.Tolerated)]
    [InlineData(100.1, 0, 0.1, SendVerdict.Busy)]
    [InlineData(100.1, 1, 0, SendVerdict.Busy)]
    [InlineData(100.1, -1, 0, SendVerdict.Busy)]
    [InlineData(100, 0, 0, SendVerdict.Busy)]
    public void Busy_AnIterationWasNotEnough_SomeDelayIsTolerated(double age, int span, double unchanged, SendVerdict expected) => Assert.Equal(
        expected, Decide(Idle with { IsBusy = true, Age = Milliseconds(age), Span = span, Unchanged = Milliseconds(unchanged) }));

    /// <summary>Also a network that is always busy, or spans that no part fits into, do not keep a commit away.</summary>
    [Fact]
    public void SentForTenIterations_IsOverdue()
    {
        Assert.Equal(SendVerdict.Busy, Decide(Idle with { IsBusy = true, Span = 1, Age = Milliseconds(1000) }));
        Assert.Equal(SendVerdict.Overdue, Decide(Idle with { IsBusy = true, Span = 1, Age = Milliseconds(1000.1) }));
        Assert.Equal(SendVerdict.Overdue, Decide(Idle with { Spans = [Span(1)], Age = Milliseconds(1001) }));
    }

    /// <summary>A repair, and a job that stands still for a recovery or an evaluation, wait for nothing.</summary>
    [Fact]
    public void TrainingStandsStill_Sends()
    {
        Assert.Equal(SendVerdict.Still, Decide(Idle with { IsTraining = false, IsBusy = true }));
        Assert.Equal(SendVerdict.Still, Decide(Idle with { Unchanged = Milliseconds(101) }));
        Assert.Equal(SendVerdict.Still, Decide(Idle with { IsBusy = true, Unchanged = Milliseconds(101) }));
        Assert.Equal(SendVerdict.Still, Decide(Idle with { IsBusy = true, Iteration = TimeSpan.Zero }));
    }

    /// <summary>
    /// Plays iterations of 100 ms with spans of 5 and 10 ms, and replicas that use the network for so long. The rule needs no n: it follows from the
    /// spans, and so does the delay of training.
    /// </summary>
    [Theory]
    [InlineData(4, 0.01, 1)]
    [InlineData(12, 0.01, 1)]
    [InlineData(13, 0.01, 2)]
    [InlineData(25, 0.01, 2)]
    [InlineData(26, 0.01, 3)]
    [InlineData(60, 0.01, 5)]
    [InlineData(60, 0.05, 4)]
    [InlineData(30, 0, 3)]
    public void IdleTimeTooShort_ACheckpointEveryNthIteration_AndTrainingIsSlowedByNoMoreThanTolerated(int needed, double tolerance, int expected)
    {
        var (iterations, delay) = Play(Milliseconds(needed), tolerance);

        Assert.Equal(expected, iterations);
        Assert.InRange(CheckpointInterval.Of(Milliseconds(needed), Milliseconds(12), Milliseconds(100), tolerance), expected - 1, expected);
        Assert.InRange(delay / iterations, TimeSpan.Zero, Milliseconds(100 * tolerance));
    }

    /// <summary>
    /// Spans of 40, 1, 20 and 30 ms, with uses of 10, 5 and 8 ms between them, at least. A part of 2 ms does not fit into the second span, so the next
    /// useful one after the first begins 16 ms after its end.
    /// </summary>
    [Theory]
    [InlineData(true, 0, 0, 16)]
    [InlineData(true, 0, 4, 12)]
    [InlineData(true, 0, 12, 6)]
    [InlineData(true, 1, 0, 5)]
    [InlineData(true, 1, 7, 0)]
    [InlineData(true, 3, 2, 0)]
    [InlineData(true, -1, 2, 0)]
    [InlineData(false, 0, 33, 23)]
    [InlineData(false, 0, 50, 16)]
    [InlineData(false, 1, 0, 6)]
    [InlineData(false, 2, 20, 8)]
    [InlineData(false, 3, 25, 5)]
    [InlineData(false, 4, 0, 0)]
    public void ShortestWait_UntilTheNextSpanIntoWhichThePartFits(bool isBusy, int span, double unchanged, double expected) =>
        Assert.Equal(Milliseconds(expected), WaitOf(isBusy, span, unchanged, age: 0));

    /// <summary>A replica that was not sent within an iteration may be sent after the longest span, so its sender must see the end of that span.</summary>
    [Theory]
    [InlineData(0, 33, 7)]
    [InlineData(0, 50, 0)]
    [InlineData(2, 20, 8)]
    public void ShortestWait_AnIterationWasNotEnough_SeesTheEndOfTheLongestSpan(int span, double unchanged, double expected) =>
        Assert.Equal(Milliseconds(expected), WaitOf(isBusy: false, span, unchanged, age: 101));

    /// <summary>
    /// A span of 40 ms that was once only 25 ms; 32 ms are used. Up to 10 ms may be on their way while they certainly leave before its end, then 2 ms,
    /// and at its end only what still fits.
    /// </summary>
    [Theory]
    [InlineData(0, 10)]
    [InlineData(15, 10)]
    [InlineData(20, 5)]
    [InlineData(24, 2)]
    [InlineData(28, 2)]
    [InlineData(31, 1)]
    [InlineData(40, 0)]
    public void InFlight_WhatCertainlyLeavesInTime(double unchanged, double expected)
    {
        SendFacts facts = Idle with { Spans = [Span(40) with { Shortest = Milliseconds(25) }], Unchanged = Milliseconds(unchanged) };
        Assert.Equal(Milliseconds(expected), SendRule.InFlight(facts, Safety));
    }

    [Fact]
    public void InFlight_OutsideTheKnownSpans_IsLittle_AndMuchIfTrainingStandsStill()
    {
        Assert.Equal(SendRule.InFlightMin, SendRule.InFlight(Idle with { Spans = [] }, Safety));
        Assert.Equal(SendRule.InFlightMin, SendRule.InFlight(Idle with { IsBusy = true }, Safety));
        Assert.Equal(SendRule.InFlightMax, SendRule.InFlight(Idle with { IsTraining = false }, Safety));
    }

    [Fact]
    public void MaySend_EachVerdict()
    {
        SendVerdict[] may = [SendVerdict.Idle, SendVerdict.Unplanned, SendVerdict.Still, SendVerdict.Tolerated, SendVerdict.Overdue];
        foreach (var verdict in Enum.GetValues<SendVerdict>()) Assert.Equal(may.Contains(verdict), verdict.MaySend());
    }

    /// <summary>Sends a replica in parts of 0.1 ms. Returns in how many iterations it was sent, and for how long while training used the network.</summary>
    private static (int Iterations, TimeSpan Delay) Play(TimeSpan needed, double tolerance)
    {
        var part = Milliseconds(0.1);
        // In parts: an iteration has 1,000.
        (bool IsBusy, int Span, int From, int To)[] states =
            [(true, -1, 0, 300), (false, 0, 300, 350), (true, 0, 350, 700), (false, 1, 700, 800), (true, 1, 800, 1000)];
        var delay = TimeSpan.Zero;
        for (var tick = 0; ; tick++)
        {
            var (iteration, at) = (tick / 1000, tick % 1000);
            var state = states.First(state => at < state.To);
            var facts = Idle with
            {
                IsBusy = state.IsBusy,
                Span = state.Span,
                Unchanged = part * (at - state.From),
                Spans = [Span(5), Span(10)],
                Length = part,
                Age = part * tick,
            };
            if (!SendRule.Decide(facts, Safety, tolerance).MaySend()) continue;
            needed -= part;
            if (state.IsBusy) delay += part;
            if (needed <= TimeSpan.Zero) return (iteration + 1, delay);
        }
    }

    private static TimeSpan WaitOf(bool isBusy, int span, double unchanged, double age)
    {
        var facts = Idle with
        {
            IsBusy = isBusy,
            Span = span,
            Unchanged = Milliseconds(unchanged),
            Age = Milliseconds(age),
            Spans = [Span(40, use: 10), Span(1, use: 5), Span(20, use: 8), Span(30)],
        };
        return SendRule.ShortestWait(facts, Safety);
    }

    private static SendVerdict Decide(SendFacts facts) => SendRule.Decide(facts, Safety, Tolerance);

    private static SpanStatistics Span(double milliseconds, double use = 0) =>
        new(Milliseconds(milliseconds), Milliseconds(milliseconds), Spread: 0, Milliseconds(use));

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
