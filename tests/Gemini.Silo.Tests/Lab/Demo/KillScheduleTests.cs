using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Tests.Lab.Demo;

public sealed class KillScheduleTests
{
    private static readonly KillSpec Kill = new(KillTarget.Host, "host-2", 12);

    [Theory]
    [InlineData(10, JobPhase.Running, false)]
    [InlineData(11, JobPhase.Running, true)]
    [InlineData(15, JobPhase.Running, true)]
    [InlineData(15, JobPhase.Halting, false)]
    [InlineData(15, JobPhase.Resuming, false)]
    public void IsDue_WhileItsIterationRuns(long trained, JobPhase phase, bool due) =>
        Assert.Equal(due, KillSchedule.IsDue(Kill, Statuses.Create(trained, phase)));

    [Fact]
    public void Victim_InItsPosition_IsTheNamedHost() =>
        Assert.Equal(new HostName("host-2"), KillSchedule.Victim(Kill, Statuses.Create(11)));

    [Fact]
    public void Victim_Replaced_IsTheHostInItsPosition() =>
        Assert.Equal(new HostName("host-4"), KillSchedule.Victim(Kill, Statuses.Create(
            11, JobPhase.Running, Statuses.Host("host-2", null), Statuses.Host("host-4", 2))));

    [Fact]
    public void Victim_InAnotherPosition_IsTheNamedHost() =>
        Assert.Equal(new HostName("host-2"), KillSchedule.Victim(Kill, Statuses.Create(
            11, JobPhase.Running, Statuses.Host("host-2", 0), Statuses.Host("host-4", 2))));

    [Fact]
    public void Victim_Standby_IsItself() =>
        Assert.Equal(new HostName("host-4"), KillSchedule.Victim(Kill with { Host = "host-4" }, Statuses.Create(11)));

    [Fact]
    public void Victim_NobodyInThePosition_IsNone() =>
        Assert.Null(KillSchedule.Victim(Kill, Statuses.Create(11, JobPhase.Running, Statuses.Host("host-2", null))));
}
