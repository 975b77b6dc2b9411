using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;
using Gemini.Silo.Status;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class FailureMatcherTests
{
    [Fact]
    public void Match_OneOfEach_PhasesRunFromTheKill()
    {
        var failures = FailureMatcher.Match(
            [Kill(KillTarget.Trainer, "host-1", 12, at: 1000), Kill(KillTarget.Host, "host-2", 24, at: 5000)],
            [Statuses.Recovery(2, "host-1", 1100), Statuses.Recovery(3, "host-2", 5400, FailureKind.Hardware, reached: 23, from: 22)]);

        Assert.Collection(
            failures,
            software =>
            {
                Assert.Equal(new ReportedFailure("software", "host-1", 12, 0, 11, "local", new RecoveryPhases(100, 1, 2, 3, 4, 5), 115), software);
            },
            hardware =>
            {
                Assert.Equal(new ReportedFailure("hardware", "host-2", 24, 1, 22, "peer", new RecoveryPhases(400, 1, 2, 3, 4, 5), 415), hardware);
            });
    }

    [Fact]
    public void Match_TheJobWasFurtherThanTheLauncherKnew_TheIterationIsTheJobs()
    {
        var failure = Assert.Single(FailureMatcher.Match(
            [Kill(KillTarget.Host, "host-2", 24, at: 5000)], [Statuses.Recovery(3, "host-2", 5400, FailureKind.Hardware, reached: 25, from: 25)]));

        Assert.Equal((26L, 25L, 0L), (failure.AtIteration, failure.ResumedIteration, failure.LostIterations));
    }

    [Fact]
    public void Match_SameHostTwice_EachKillHasItsOwnRecovery()
    {
        var failures = FailureMatcher.Match(
            [Kill(KillTarget.Trainer, "host-1", 12, at: 1000), Kill(KillTarget.Host, "host-1", 24, at: 5000)],
            [Statuses.Recovery(2, "host-1", 1100), Statuses.Recovery(3, "host-1", 5400, FailureKind.Hardware)]);

        Assert.Equal([115L, 415L], failures.Select(failure => failure.TotalMs));
    }

    [Fact]
    public void Match_SiloThatCameBack_HasNoEntryAndTakesNone()
    {
        var failures = FailureMatcher.Match(
            [Kill(KillTarget.Silo, "host-1", 12, at: 1000), Kill(KillTarget.Trainer, "host-1", 24, at: 5000)],
            [Statuses.Recovery(2, "host-1", 5100)]);

        var failure = Assert.Single(failures);
        Assert.Equal((24L, 115L), (failure.AtIteration, failure.TotalMs));
    }

    [Fact]
    public void Match_NobodyKilled_IsListedFromTheFailureOn()
    {
        var failure = Assert.Single(FailureMatcher.Match([], [Statuses.Recovery(2, "host-3", 1100) with { FailedAt = 1080 }]));

        Assert.Equal(("host-3", 12L, 20L, 35L), (failure.Host, failure.AtIteration, failure.PhasesMs.Detect, failure.TotalMs));
    }

    [Fact]
    public void Match_RecoveryCutShort_RunsToTheEndOfTheNext()
    {
        var failure = Assert.Single(FailureMatcher.Match(
            [Kill(KillTarget.Host, "host-2", 12, at: 1000)],
            [Statuses.Recovery(2, "host-2", 1100, resumed: false), Statuses.Recovery(3, "host-2", 1500, FailureKind.Hardware)]));

        Assert.Equal("hardware", failure.Kind);
        Assert.Equal(new RecoveryPhases(100, 401, 2, 3, 4, 5), failure.PhasesMs);
        Assert.Equal(515, failure.TotalMs);
    }

    [Fact]
    public void Match_TwoKillsOneRecovery_BothAreListed()
    {
        var recovery = Statuses.Recovery(2, "host-1", 1100, FailureKind.Hardware) with { Hosts = [new HostName("host-1"), new HostName("host-3")] };

        var failures = FailureMatcher.Match(
            [Kill(KillTarget.Host, "host-1", 12, at: 1000), Kill(KillTarget.Host, "host-3", 12, at: 1001)], [recovery]);

        Assert.Equal([115L, 114L], failures.Select(failure => failure.TotalMs));
    }

    [Fact]
    public void Match_KillDuringARecovery_EndsWithIt()
    {
        var recovery = Statuses.Recovery(2, "host-1", 1100) with { Hosts = [new HostName("host-1"), new HostName("host-3")] };

        var failures = FailureMatcher.Match(
            [Kill(KillTarget.Trainer, "host-1", 12, at: 1000), Kill(KillTarget.Trainer, "host-3", 12, at: 1104)], [recovery]);

        Assert.Equal(new RecoveryPhases(0, 0, 0, 2, 4, 5), failures[1].PhasesMs);
        Assert.Equal(11, failures[1].TotalMs);
    }

    [Fact]
    public void Match_OtherHostBlamed_IsMatchedByTime()
    {
        var failure = Assert.Single(FailureMatcher.Match(
            [Kill(KillTarget.Trainer, "host-1", 12, at: 1000)], [Statuses.Recovery(2, "host-0", 1100)]));

        Assert.Equal(("host-1", 115L), (failure.Host, failure.TotalMs));
    }

    [Fact]
    public void Match_NeverResumed_IsNotListed() =>
        Assert.Empty(FailureMatcher.Match([], [Statuses.Recovery(2, "host-1", 1100, resumed: false)]));

    private static KillRecord Kill(KillTarget target, string host, long iteration, long at) =>
        new(new KillSpec(target, host, iteration), new HostName(host), iteration, at);
}
