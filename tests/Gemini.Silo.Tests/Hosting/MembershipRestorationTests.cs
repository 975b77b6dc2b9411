using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Gemini.Silo.Hosting;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>What a silo does if the membership table has lost its content.</summary>
public sealed class MembershipRestorationTests
{
    private const string Self = "S127.0.0.1:1001:5";
    private const string Peer = "S127.0.0.1:1002:5";
    private const string Third = "S127.0.0.1:1003:5";
    private static readonly DateTimeOffset Then = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = Then.AddDays(1);

    [Theory]
    [InlineData(null, false, "the table is empty")]
    [InlineData(0, false, "this silo's row is missing")]
    [InlineData(6, false, "this silo's row is missing")]
    [InlineData(4, true, "the table went back to version 4 from 6")]
    public void Decide_TableHasLostSomething_ItIsWrittenBack(int? version, bool hasOwnRow, string reason)
    {
        var decision = MembershipRestoration.Decide(View(6, (Self, SiloStatus.Active)), Image(6, (Self, SiloStatus.Active)), new(version, hasOwnRow));
        Assert.Equal(new MembershipDecision(MembershipStep.Restore, reason), decision);
    }

    [Fact]
    public void Decide_TableIsAsItWas_Nothing() =>
        Assert.Equal(MembershipStep.Nothing, Step(View(6, (Self, SiloStatus.Active)), Image(6, (Self, SiloStatus.Active)), new(6, true)));

    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    public void Decide_TableIsNewerThanTheLastOneRead_ItIsRead(int? known) =>
        Assert.Equal(MembershipStep.Learn, Step(
            View(6, (Self, SiloStatus.Active)), known is { } version ? Image(version, (Self, SiloStatus.Active)) : null, new(6, true)));

    /// <summary>The silo was frozen and declared dead, and its row was removed. It must not become a member again.</summary>
    [Fact]
    public void Decide_NewerTableWithoutOwnRow_Nothing() =>
        Assert.Equal(MembershipStep.Nothing, Step(View(6, (Self, SiloStatus.Active)), Image(6, (Self, SiloStatus.Active)), new(7, false)));

    [Theory]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.ShuttingDown)]
    [InlineData(SiloStatus.Dead)]
    public void Decide_SiloIsNotActive_Nothing(SiloStatus status) =>
        Assert.Equal(MembershipStep.Nothing, Step(View(6, (Self, status)), Image(6, (Self, status)), new(null, false)));

    [Fact]
    public void Decide_NothingKnownToWriteBack_Nothing() =>
        Assert.Equal(MembershipStep.Nothing, Step(View(6, (Self, SiloStatus.Active)), null, new(null, false)));

    [Fact]
    public void IsWhole_EmptiedBetweenLookAndRead_IsNot()
    {
        var view = View(6, (Self, SiloStatus.Active));
        Assert.True(MembershipRestoration.IsWhole(Image(7, (Self, SiloStatus.Active)), view, new(6, true)));
        Assert.False(MembershipRestoration.IsWhole(Image(null), view, new(6, true)));
        Assert.False(MembershipRestoration.IsWhole(Image(6, (Peer, SiloStatus.Active)), view, new(6, true)));
        Assert.False(MembershipRestoration.IsWhole(Image(2, (Self, SiloStatus.Active)), view, new(6, true)));
    }

    /// <summary>A silo ends if a table with a higher version than its own has no row for it. So all rows are written in one write.</summary>
    [Fact]
    public void Restore_EmptiedTable_HasAllRowsRenewedAboveAllVersions()
    {
        var known = Image(6, (Self, SiloStatus.Active), (Peer, SiloStatus.Active), (Third, SiloStatus.Dead));
        var view = View(6, (Self, SiloStatus.Active), (Peer, SiloStatus.Active), (Third, SiloStatus.Dead));

        var next = MembershipRestoration.Restore(view, known, Image(null), Now);

        Assert.Equal(7, next.Version);
        Assert.Equal([(Self, SiloStatus.Active), (Peer, SiloStatus.Active), (Third, SiloStatus.Dead)], States(next));
        Assert.All(next.Rows.Values, row => Assert.Equal(Now.UtcDateTime, (DateTime)JsonNode.Parse(row)!["IAmAliveTime"]!));
        // The other properties of a row stay.
        Assert.All(next.Rows.Values, row => Assert.Equal(30_000, (int)JsonNode.Parse(row)!["ProxyPort"]!));
    }

    [Fact]
    public void Restore_AnotherSiloStartedInTheEmptiedTable_ItsRowStaysAsItIs()
    {
        var current = Image(9, (Third, SiloStatus.Active));
        var view = View(6, (Self, SiloStatus.Active));

        var next = MembershipRestoration.Restore(view, Image(6, (Self, SiloStatus.Active)), current, Now);

        Assert.Equal(10, next.Version);
        Assert.Equal([(Self, SiloStatus.Active), (Third, SiloStatus.Active)], States(next));
        Assert.Equal(current.Rows[Third], next.Rows[Third]);
    }

    /// <summary>The table that was read last, or an older one that came back, may not show yet that a silo has died.</summary>
    [Fact]
    public void Restore_SiloDiedMeanwhile_StaysDead()
    {
        var old = Image(5, (Self, SiloStatus.Active), (Peer, SiloStatus.Active));
        var view = View(6, (Self, SiloStatus.Active), (Peer, SiloStatus.Dead));

        Assert.Equal([(Self, SiloStatus.Active), (Peer, SiloStatus.Dead)], States(MembershipRestoration.Restore(view, old, Image(null), Now)));
        Assert.Equal([(Self, SiloStatus.Active), (Peer, SiloStatus.Dead)], States(MembershipRestoration.Restore(view, old, old, Now)));
    }

    [Fact]
    public void Restore_SiloDiedAsTheTableSays_IsNotAliveAgain()
    {
        var current = Image(3, (Peer, SiloStatus.Dead));
        var view = View(6, (Self, SiloStatus.Active), (Peer, SiloStatus.Active));

        var next = MembershipRestoration.Restore(view, Image(6, (Self, SiloStatus.Active), (Peer, SiloStatus.Active)), current, Now);

        Assert.Equal([(Self, SiloStatus.Active), (Peer, SiloStatus.Dead)], States(next));
    }

    /// <summary>Only the silo itself knows its row if it joined just before the loss. A table with a higher version would end it.</summary>
    [Fact]
    public void Restore_LivingSiloWithoutAKnownRow_VersionIsNotAboveTheOneItKnows()
    {
        var view = View(8, (Self, SiloStatus.Active), (Peer, SiloStatus.Active));

        var next = MembershipRestoration.Restore(view, Image(6, (Self, SiloStatus.Active)), Image(null), Now);

        Assert.Equal(8, next.Version);
        // The peer writes its own row, and then the version is above all others.
        var known = Image(8, (Self, SiloStatus.Active), (Peer, SiloStatus.Active));
        var peers = view with { Self = Peer };
        Assert.Equal(MembershipStep.Restore, Step(peers, known, new(next.Version, next.Rows.ContainsKey(Peer))));
        Assert.Equal(9, MembershipRestoration.Restore(peers, known, next, Now).Version);
    }

    private static MembershipStep Step(MembershipView view, MembershipImage? known, MembershipMark found) =>
        MembershipRestoration.Decide(view, known, found).Step;

    private static MembershipView View(long version, params (string Silo, SiloStatus Status)[] members) =>
        new(version, Self, members.ToImmutableDictionary(member => member.Silo, member => member.Status));

    private static MembershipImage Image(long? version, params (string Silo, SiloStatus Status)[] rows) =>
        new(version, rows.ToImmutableDictionary(row => row.Silo, row => new JsonObject
        {
            ["Status"] = (int)row.Status,
            ["ProxyPort"] = 30_000,
            ["IAmAliveTime"] = Then.UtcDateTime,
        }.ToJsonString()));

    private static IEnumerable<(string Silo, SiloStatus Status)> States(MembershipImage image) =>
        image.Rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => (row.Key, (SiloStatus)(int)JsonNode.Parse(row.Value)!["Status"]!));
}
