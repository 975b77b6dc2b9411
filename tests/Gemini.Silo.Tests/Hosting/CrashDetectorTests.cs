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

    /// <summary>A connection that this silo opened ends at the port of one silo. One that it accepted ends at a port that says nothing.</summary>
    [Fact]
    public void PeersAt_PortOfASilo_IsThatSilo_OtherwiseAllOthersThatLiveAtTheAddress()
    {
        var snapshot = Snapshot(5, Silos[4]);
        Assert.Equal([Silos[3]], PeersAt(snapshot, new IPEndPoint(IPAddress.Loopback, 1003)));
        Assert.Equal([Silos[3]], PeersAt(snapshot, new IPEndPoint(IPAddress.Loopback.MapToIPv6(), 1003)));
        Assert.Equal(Silos[1..4], PeersAt(snapshot, new IPEndPoint(IPAddress.Loopback, 55_555)).Order());
        Assert.Empty(PeersAt(snapshot, new IPEndPoint(IPAddress.Parse("10.0.0.1"), 1003)));
    }

    /// <summary>The pause of the silo whose turn is the second.</summary>
    internal static TimeSpan Turn() => Silos.Take(6).Select(silo => Pause(silo, Silos[3], count: 6)).Where(pause => pause > TimeSpan.Zero).Min();

    private static TimeSpan Pause(SiloAddress self, SiloAddress dead, int count) => CrashDetector.PauseOf(Snapshot(count), self, dead);

    private static IEnumerable<SiloAddress> PeersAt(ClusterMembershipSnapshot snapshot, IPEndPoint remote) =>
        CrashDetector.PeersAt(snapshot, Silos[0], remote).Select(peer => peer.SiloAddress);

    private static ClusterMembershipSnapshot Snapshot(int count, SiloAddress? dead = null) => new(
        Silos.Take(count).ToImmutableDictionary(
            silo => silo, silo => new ClusterMember(silo, silo.Equals(dead) ? SiloStatus.Dead : SiloStatus.Active, "host")),
        new MembershipVersion(1));
}
