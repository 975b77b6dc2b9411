using System.Collections.Immutable;
using System.Net;
using Gemini.Silo.Hosting;
using Orleans.Runtime;

namespace Gemini.Silo.Tests.Hosting;

public sealed class CrashDetectorTests
{
    private static readonly ImmutableArray<SiloAddress> Silos =
        [.. Enumerable.Range(0, 30).Select(index => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000 + index), 7))];

    [Fact]
    public void Pause_EverySilosIsItsOwn_AndTheFirstHasNone()
    {
        var dead = Silos[3];
        var pauses = Silos.Take(6).Where(silo => !silo.Equals(dead)).Select(silo => Pause(silo, dead, count: 6)).Order().ToList();
        Assert.Equal(TimeSpan.Zero, pauses[0]);
        Assert.Equal(pauses.Distinct(), pauses);
    }

    [Fact]
    public void Pause_AnotherIsDeadToo_IsNotWaitedFor()
    {
        var alive = Snapshot(6);
        var first = Silos.Take(6).MinBy(silo => CrashDetector.PauseOf(alive, silo, Silos[3]))!;
        var second = Silos.Take(6).Where(silo => !silo.Equals(first)).MinBy(silo => CrashDetector.PauseOf(alive, silo, Silos[3]))!;
        Assert.Equal(TimeSpan.Zero, CrashDetector.PauseOf(Snapshot(6, first), second, Silos[3]));
    }

    [Fact]
    public void Pause_ManySilos_IsBounded() =>
        Assert.Equal(TimeSpan.FromSeconds(1), Silos.Select(silo => Pause(silo, Silos[3], Silos.Length)).Max());

    private static TimeSpan Pause(SiloAddress self, SiloAddress dead, int count) => CrashDetector.PauseOf(Snapshot(count), self, dead);

    private static ClusterMembershipSnapshot Snapshot(int count, SiloAddress? dead = null) => new(
        Silos.Take(count).ToImmutableDictionary(
            silo => silo, silo => new ClusterMember(silo, silo.Equals(dead) ? SiloStatus.Dead : SiloStatus.Active, "host")),
        new MembershipVersion(1));
}
