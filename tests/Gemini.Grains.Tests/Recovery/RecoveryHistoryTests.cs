using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class RecoveryHistoryTests
{
    [Fact]
    public void WithAttempt_ManyTimes_KeepsTheFirstTheLastAndTheCount()
    {
        var timeline = Timeline("h2 is gone");
        for (var attempt = 2; attempt <= 1000; attempt++) timeline = RecoveryHistory.WithAttempt(timeline, $"reason {attempt}");

        Assert.Equal("h2 is gone; then reason 1000 (attempt 1000)", timeline.Reason);
        Assert.Equal(1000, timeline.Attempts);
    }

    [Fact]
    public void WithNote_ManyTimes_IsBounded()
    {
        var timeline = Timeline("h2 is gone");
        for (var note = 0; note < 1000; note++) timeline = RecoveryHistory.WithNote(timeline, "s1 takes position 1");

        Assert.InRange(timeline.Reason.Length, 100, 4 * RecoveryHistory.ReasonLimit);
    }

    [Fact]
    public void Short_LongReason_EndsInDots()
    {
        var reason = RecoveryHistory.Short(new string('x', 10_000));

        Assert.Equal(RecoveryHistory.ReasonLimit, reason.Length);
        Assert.EndsWith("xx...", reason);
    }

    [Fact]
    public void Bounded_LongReasons_KeepsTheNewest()
    {
        var timelines = Enumerable.Range(1, 100).Select(epoch => Timeline(new string('x', 1600)) with { Epoch = new Epoch(epoch) });

        var kept = RecoveryHistory.Bounded([.. timelines], retained: 100, detailed: 5);

        Assert.Equal(40, kept.Length);
        Assert.Equal(new Epoch(100), kept[^1].Epoch);
        Assert.True(kept.Sum(timeline => timeline.Reason.Length) <= 64 * 1024);
    }

    [Fact]
    public void Bounded_Details_OfTheNewestOnlyAndOfFewRanks()
    {
        var ranks = Enumerable.Range(0, 1500).Select(rank => new RankRestore { Rank = new Rank(rank), Epoch = new Epoch(1), Source = CopySource.Local }).ToImmutableArray();
        var timelines = Enumerable.Range(1, 8).Select(epoch => Timeline("") with { Epoch = new Epoch(epoch), Ranks = ranks });

        var kept = RecoveryHistory.Bounded([.. timelines], retained: 7, detailed: 5);

        Assert.Equal([0, 0, 0, 0, 0, 1500, 1500], kept.Select(timeline => timeline.Ranks.Length));
    }

    private static RecoveryTimeline Timeline(string reason) => new() { Epoch = new Epoch(2), Reason = reason, Kind = FailureKind.Software };
}
