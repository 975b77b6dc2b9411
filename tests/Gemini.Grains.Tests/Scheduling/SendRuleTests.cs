using Gemini.Grains.Scheduling;

namespace Gemini.Grains.Tests.Scheduling;

/// <summary>An iteration of 100 ms with idle spans of 40 and 20 ms; 80 % of a span is used.</summary>
public sealed class SendRuleTests
{
    private const double Safety = 0.8;

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
    public void Idle_SpansThatVaryAreUsedLess()
    {
        SendFacts erratic = Idle with { Spans = [Span(40) with { Spread = 0.7 }] };
        Assert.Equal(SendVerdict.Idle, Decide(erratic with { Unchanged = Milliseconds(2) }));
        Assert.Equal(SendVerdict.Ending, Decide(erratic with { Unchanged = Milliseconds(2.1) }));
        Assert.Equal(SendVerdict.Ending, Decide(Idle with { Spans = [Span(40) with { Spread = 3 }] }));
    }

    [Fact]
    public void Busy_Waits() => Assert.Equal(SendVerdict.Busy, Decide(Idle with { IsBusy = true }));

    /// <summary>Also a network that is always busy, or spans that no part fits into, do not keep a commit away.</summary>
    [Fact]
    public void SentForLongerThanAnIteration_IsOverdue()
    {
        Assert.Equal(SendVerdict.Busy, Decide(Idle with { IsBusy = true, Age = Milliseconds(100) }));
        Assert.Equal(SendVerdict.Overdue, Decide(Idle with { IsBusy = true, Age = Milliseconds(100.1) }));
        Assert.Equal(SendVerdict.Overdue, Decide(Idle with { Spans = [Span(1)], Age = Milliseconds(101) }));
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

    [Fact]
    public void MaySend_EachVerdict()
    {
        SendVerdict[] may = [SendVerdict.Idle, SendVerdict.Unplanned, SendVerdict.Still, SendVerdict.Overdue];
        foreach (var verdict in Enum.GetValues<SendVerdict>()) Assert.Equal(may.Contains(verdict), verdict.MaySend());
    }

    private static SendVerdict Decide(SendFacts facts) => SendRule.Decide(facts, Safety);

    private static SpanStatistics Span(double milliseconds) => new(Milliseconds(milliseconds), Milliseconds(milliseconds), Spread: 0);

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
