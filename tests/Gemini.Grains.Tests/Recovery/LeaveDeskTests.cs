using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class LeaveDeskTests
{
    [Fact]
    public void IsStopping_OnlyWhenEveryLiveHostWithAPositionWasToldTo_AndThereIsStorage()
    {
        Assert.True(Told(storage: true, "h0", "h1").Desk.IsStopping);
        Assert.False(Told(storage: true, "h0").Desk.IsStopping);
        Assert.False(Told(storage: false, "h0", "h1").Desk.IsStopping);
    }

    [Fact]
    public void Evaluate_OneHostWasToldToStop_MayLeaveAfterAWhile_AndTheOthersAreToldNothing()
    {
        var (desk, _) = Told(storage: true, "h1");
        Assert.False(desk.Evaluate("training", now: 0));
        Assert.True(desk.Evaluate("training", now: 2000));

        Assert.Equal(LeaveCause.Released, desk.DirectiveFor(new HostName("h1"))!.Cause);
        Assert.Null(desk.DirectiveFor(new HostName("h0")));
        Assert.False(desk.Evaluate("training", now: 2001));
    }

    private static (LeaveDesk Desk, Parts Parts) Told(bool storage, params string[] hosts)
    {
        var parts = new Parts(hosts: 2, job => storage ? job with { Storage = new StoragePolicy { EveryIterations = 10 } } : job)
            .At(DirectiveStep.Run, JobPhase.Running);
        parts.ReportAll(report => report with { IsLeaving = hosts.Contains(report.Host.Value) });
        return (new LeaveDesk(parts.State, parts.Roster, parts.Commits, new StorageDesk(parts.State, parts.Roster, parts.Commits, parts.Progress)), parts);
    }
}
