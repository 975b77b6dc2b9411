using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Which step each host owes, which hosts cannot do it, and which standby takes the position.</summary>
public sealed class StandbyDeskTests
{
    private readonly Parts _parts = new Parts().At(DirectiveStep.Halt, JobPhase.Halting);
    private readonly StandbyDesk _desk;

    public StandbyDeskTests() => _desk = new StandbyDesk(_parts.State, _parts.Roster, _parts.Domains);

    [Fact]
    public void ReplaceUnable_HostDoesNotHalt_LosesItsPositionWhenItsTimeIsOver()
    {
        _parts.ReportAll();
        _parts.Report("h2", report => report with { Done = default });
        _parts.Report("s1");
        Look(until: 15_000);
        Assert.Empty(_desk.ReplaceUnable());

        Look(until: 40_000);
        var (host, reason) = Assert.Single(_desk.ReplaceUnable());

        Assert.Equal("h2", host.Value);
        Assert.Contains("it did not stop its trainers", reason);
        Assert.Equal(new HostPosition(2), _parts.Roster.PositionOf(new HostName("s1")));
        Assert.Contains("passed over", _desk.WhyCannotTakeOver(_parts.Roster[new HostName("h2")]) ?? _desk.Describe(new HostPosition(0)));
    }

    /// <summary>If no host can do its part, the cause may be outside the hosts. So one standby is tried before the others are.</summary>
    [Fact]
    public void ReplaceUnable_NoHostDoesItsPart_OnePositionAtATime()
    {
        _parts.ReportAll(report => report with { Done = default });
        _parts.Report("s1");
        _parts.Report("s2");
        _parts.Report("s3");
        Look(until: 60_000);
        Assert.Equal(4, _desk.Duties.FindUnable().Count);

        Assert.Equal("h0", Assert.Single(_desk.ReplaceUnable()).Host.Value);

        // The standby does its part, so the others are the cause.
        Assert.Equal(["h1", "h2"], _desk.ReplaceUnable().Select(change => change.Host.Value));
        Assert.StartsWith("h3: it did not stop its trainers", _desk.DescribeUnable());
    }

    [Fact]
    public void TryFill_StandbyWithoutRoom_IsNotTaken()
    {
        _parts.ReportAll();
        _parts.Lose(1, "h3");
        _parts.Report("s1", report => report with { RoomBytes = 10 });

        Assert.Null(_desk.TryFill(new HostPosition(3)));
        Assert.Contains("s1: it has room for 10 of", _desk.Describe(new HostPosition(3)));

        _parts.Report("s1", report => report with { RoomBytes = null });
        Assert.Equal("", _desk.TryFill(new HostPosition(3)));
        Assert.Equal(new HostPosition(3), _parts.Roster.PositionOf(new HostName("s1")));
    }

    [Fact]
    public void NeededBytes_AreThoseOfThePosition_AndOfTheLargestForAStandby()
    {
        _parts.ReportAll();
        _parts.Report("s1");
        var needed = _desk.NeededBytes(_parts.Roster[new HostName("h1")]);
        Assert.Equal(_desk.Duties.Memory.BytesOf(new HostPosition(1)), needed);
        Assert.True(needed > 0);
        Assert.Equal(
            Enumerable.Range(0, 4).Max(position => _desk.Duties.Memory.BytesOf(new HostPosition(position))), _desk.NeededBytes(_parts.Roster[new HostName("s1")]));
    }

    [Fact]
    public void TryReplace_HostWithoutThatPosition_IsAMistake() =>
        Assert.Throws<InvariantViolatedException>(() => _desk.TryReplace(new HostPosition(0), new HostName("h1"), "x"));

    /// <summary>Only time that the root agent observed counts, at most a second for each look.</summary>
    private void Look(long until)
    {
        for (var now = _desk.Duties.Elapsed; now <= until; now += 1000) _desk.Duties.Observe(now);
    }
}
