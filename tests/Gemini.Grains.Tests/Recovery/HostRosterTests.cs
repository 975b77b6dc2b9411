using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class HostRosterTests
{
    private readonly Parts _parts = new Parts().At(DirectiveStep.Halt, JobPhase.Halting);

    [Fact]
    public void Standbys_LiveHostsWithoutAPosition_ButNoneThatLeaves()
    {
        _parts.ReportAll();
        _parts.Report("s1");
        _parts.Report("s2", report => report with { IsLeaving = true });
        Assert.Equal("s1", Assert.Single(_parts.Roster.Standbys()).Report.Host.Value);

        _parts.Lose(1, "s1");

        Assert.Empty(_parts.Roster.Standbys());
        Assert.Equal(4, _parts.Roster.Present.Count(host => _parts.Roster.PositionOf(host) is not null));
    }

    [Fact]
    public void AbsentPositions_VacantSilentAndDead()
    {
        foreach (var host in new[] { "h0", "h1", "h3" }) _parts.Report(host);
        Assert.Equal(["h2"], _parts.Roster.Unheard.Select(host => host.Value));
        Assert.False(_parts.Roster.IsEveryHostHeardOf);
        _parts.Lose(1, "h3");
        _parts.State.Record = _parts.State.Record with { Assignment = _parts.State.Record.Assignment.SetItem(0, null) };

        Assert.Equal([0, 2, 3], _parts.Roster.AbsentPositions().Select(position => position.Value));
        Assert.True(_parts.Roster.AnyIsAbsent);
        Assert.Null(_parts.Roster.PositionOf(new HostName("h0")));
    }

    /// <summary>A host that is dead when the root agent comes up is in the roster, but the root agent does not wait for its report.</summary>
    [Fact]
    public void Observe_DeadBeforeItsFirstReport_IsAbsentAndNotUnheard()
    {
        _parts.Lose(7, "h2", "nobody");

        Assert.Equal(7, _parts.Roster.Find(new HostName("h2"))!.LostAt);
        Assert.DoesNotContain(new HostName("h2"), _parts.Roster.Unheard);
        Assert.Null(_parts.Roster.Find(new HostName("nobody")));
        Assert.False(_parts.Roster.IsEveryHostHeardOf);
    }

    [Fact]
    public void TakeChange_SaysOnceWhatMattersToCopies()
    {
        var host = new HostName("h1");
        HostChange After(Func<HostReport, HostReport> change)
        {
            _parts.Report("h1", change);
            return _parts.Roster.TakeChange(host);
        }

        Assert.Equal(HostChange.None, _parts.Roster.TakeChange(host));
        Assert.Equal(HostChange.Copies | HostChange.Losses, After(report => report));
        Assert.Equal(HostChange.None, _parts.Roster.TakeChange(host));
        Assert.Equal(HostChange.None, After(report => report with { MemoryBytes = 7 }));
        Assert.Equal(HostChange.Copies, After(report => report with { Replicas = Jobs.Replicas(Jobs.Snapshot(3), 1) }));
        Assert.Equal(HostChange.Losses, After(report => report with { QuarantinedCount = 1 }));
        Assert.Equal(HostChange.Copies, After(report => report with { GuestsRefused = [new Rank(0)] }));
        Assert.Equal(HostChange.Copies | HostChange.Losses, After(report => report with { Incarnation = 2 }));
    }

    [Fact]
    public void KindOf_AllWereToldToStop_IsPlanned()
    {
        _parts.ReportAll(report => report with { IsLeaving = report.Host.Value is "h0" or "h1" });

        Assert.Equal(FailureKind.Planned, _parts.Roster.KindOf([new("h0"), new("h1")], FailureKind.Hardware));
        Assert.Equal(FailureKind.Hardware, _parts.Roster.KindOf([new("h0"), new("h2")], FailureKind.Hardware));
    }
}
