using System.Collections.Immutable;
using Gemini.Grains.Placement.Plans;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The count of live copies, and the time in which there were too few.</summary>
public sealed class ExposureTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 2, replicas: 2);

    [Fact]
    public void Clock_ManyIntervals_AddsThemAndKeepsTheLongest()
    {
        var clock = new ExposureClock(new ExposedTime(100, 60));
        Assert.False(clock.Observe(exposed: false, now: 1_000));
        Assert.True(clock.Observe(exposed: true, now: 1_000));
        Assert.False(clock.Observe(exposed: true, now: 1_020));
        Assert.Equal(new ExposedTime(140, 60), clock.Time.EndedAt(1_040));
        Assert.True(clock.Observe(exposed: false, now: 1_070));
        Assert.Equal(new ExposedTime(170, 70), clock.Time);
        clock.Observe(exposed: true, now: 6_000);

        // The next root agent continues from this time.
        var next = new ExposureClock(clock.Time);
        next.Observe(exposed: true, now: 6_500);
        next.Observe(exposed: false, now: 7_000);
        Assert.Equal(new ExposedTime(1_170, 1_000), next.Time.EndedAt(9_000));
    }

    [Fact]
    public void Reported_NewestHasFewerCopiesThanAnOlderOne_TheOlderOneCounts()
    {
        var copies = LiveCopies.Reported(Job, [[Copy(0, 5), Copy(1, 5), Copy(0, 6)], [Copy(0, 5), Copy(1, 5), Copy(1, 6)]]);
        Assert.Equal(2, copies.Least);
    }

    [Fact]
    public void Reported_OneShardLacksACopy_IsTheWeakest()
    {
        var copies = LiveCopies.Reported(Job, [[Copy(0, 5), Copy(1, 5)], [Copy(0, 5)]]);
        Assert.Equal(1, copies.Least);
        Assert.Equal([new Rank(1)], copies.Weakest);
    }

    [Fact]
    public void Reported_CopiesDisagree_CountApart() =>
        Assert.Equal(1, LiveCopies.Reported(Job, [[Copy(0, 5), Copy(1, 5)], [Copy(0, 5), Copy(1, 5) with { Hash = new ContentHash(9) }]]).Least);

    [Fact]
    public void Reported_NothingWhole_IsZeroOfAll() => Assert.Equal(0, LiveCopies.Reported(Job, [[Copy(0, 5)], [Copy(1, 6)]]).Least);

    [Fact]
    public void Committed_HolderGone_CountsTheOthers()
    {
        var copies = LiveCopies.Committed(Job, MixedPlacement.Create(2, 2), (position, rank) => position.Value == 0 || rank.Value == 1);
        Assert.Equal(1, copies.Least);
        Assert.Equal([new Rank(0)], copies.Weakest);
    }

    private static Replica Copy(int owner, long iteration) => new(new Rank(owner), Jobs.Snapshot(iteration), new ContentHash(1), 100);
}
