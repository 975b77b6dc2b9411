using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

public sealed class RepairDeskTests
{
    private readonly Parts _parts = new Parts().At(DirectiveStep.Halt, JobPhase.Replacing);
    private readonly RepairDesk _desk;

    public RepairDeskTests() => _desk = new RepairDesk(_parts.State, _parts.Roster, _parts.Domains);

    /// <summary>h1 is lost, so one copy of the shards of ranks 0 and 1 is left. Another host takes in a second copy.</summary>
    [Fact]
    public void Evaluate_HostIsGone_ItsCopiesAreMadeElsewhere_AndStayDecided()
    {
        ReportWithCopies();
        _desk.Evaluate(now: 1);

        var taken = _desk.Guests.SelectMany(host => host.Value.Select(copy => (Host: host.Key, copy.Replica))).ToList();
        Assert.Equal([0, 1], taken.Select(copy => copy.Replica.Owner.Value).Order());
        Assert.Contains("copies of rank 0, 1", _desk.Describe());
        var before = _desk.Guests;
        _desk.Observe(HostChange.Copies);
        _desk.Evaluate(now: 2);
        Assert.Same(before, _desk.Guests);
        var plan = new RecoveryPlan(Jobs.Snapshot(3), [.. taken.Select(copy => new ShardRecovery(copy.Replica, [copy.Host]))], CopySource.Local);
        Assert.Equal(CopySource.Peer, _desk.BroughtIn(plan));

        _desk.EndWithPlan();

        Assert.Empty(_desk.Guests);
        Assert.Equal(("", CopySource.None), (_desk.Describe(), _desk.BroughtIn(plan)));
    }

    /// <summary>Each host of a restarted job still has its memory: a copy that is made meanwhile would be made in vain.</summary>
    [Fact]
    public void Evaluate_AfterARestart_HostsAreGivenAMoment()
    {
        ReportWithCopies();
        _desk.IsRestart = true;
        var grace = (long)_parts.State.Health.RestartGrace.TotalMilliseconds;
        _desk.Evaluate(grace - 1);
        Assert.Empty(_desk.Guests);

        _desk.Evaluate(grace);

        Assert.NotEmpty(_desk.Guests);
    }

    [Fact]
    public void Evaluate_WhileTheJobTrains_IsAMistake()
    {
        var parts = new Parts().At(DirectiveStep.Run, JobPhase.Running);
        Assert.Throws<InvariantViolatedException>(() => new RepairDesk(parts.State, parts.Roster, parts.Domains).Evaluate(now: 0));
    }

    private void ReportWithCopies()
    {
        _parts.Report("h0", report => report with { Replicas = Jobs.Replicas(Jobs.Snapshot(3), 0, 1) });
        foreach (var host in new[] { "h2", "h3" }) _parts.Report(host, report => report with { Replicas = Jobs.Replicas(Jobs.Snapshot(3), 2, 3) });
    }
}
