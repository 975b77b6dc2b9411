using System.Collections.Immutable;
using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

public sealed class StandbyChoiceTests
{
    private static readonly PlacementPlan TwoGroups = MixedPlacement.Create(4, 2);

    [Fact]
    public void Choose_OneStandbyWouldShareARack_TheOtherIsTaken()
    {
        var (host, reason) = Choose(["rack"], [null, On("h1", "rack=r1"), On("h2", "rack=r3"), On("h3", "rack=r4")], 0, On("s1", "rack=r1"), On("s2", "rack=r2"));

        Assert.Equal((new HostName("s2"), ""), (host, reason));
    }

    [Fact]
    public void Choose_AllWouldShare_SaysWithWhom()
    {
        var (host, reason) = Choose(["rack"], [null, On("h1", "rack=r1"), On("h2", "rack=r3"), On("h3", "rack=r4")], 0, On("s1", "rack=r1"));

        Assert.Equal(new HostName("s1"), host);
        Assert.Equal("s1 takes position 0 and shares rack=r1 with h1; no other standby shares less", reason);
    }

    /// <summary>Sharing a domain with another group does no harm.</summary>
    [Fact]
    public void Choose_OnlyOtherGroupsShare_TheFirstByName() =>
        Assert.Equal(("s1", ""), Named(Choose(["rack"], [null, On("h1", "rack=r1"), On("h2", "rack=r2"), null], 0, On("s2", "rack=r3"), On("s1", "rack=r2"))));

    [Fact]
    public void Choose_LabelOfHigherPriority_Decides() =>
        Assert.Equal("s2", Choose(["power", "rack"], [null, On("h1", "rack=r1,power=a"), null, null], 0, On("s1", "rack=r2,power=a"), On("s2", "rack=r1,power=b")).Host.Value);

    /// <summary>Position 0 could take either standby, position 2 only s1. So position 0 leaves s1 to position 2.</summary>
    [Fact]
    public void Choose_AnotherVacancyNeedsOne_LeavesItThat() =>
        Assert.Equal(("s2", ""), Named(Choose(["rack"], [null, On("h1", "rack=r9"), null, On("h3", "rack=r2")], 0, On("s1", "rack=r1"), On("s2", "rack=r2"))));

    [Fact]
    public void Choose_NoLabels_TheFirstByName() =>
        Assert.Equal(("a", ""), Named(Choose([], [null, On("h1", ""), On("h2", ""), On("h3", "")], 0, On("b", ""), On("a", ""))));

    /// <summary>In a ring, a position's own shards are held on one side of it, and the shards that it holds come from the other side.</summary>
    [Fact]
    public void Choose_Ring_LooksAtBothNeighbours()
    {
        ImmutableArray<LabelledHost?> hosts = [On("h0", "rack=a"), null, On("h2", "rack=b"), On("h3", "rack=c")];
        LabelledHost[] standbys = [On("s1", "rack=a"), On("s2", "rack=b"), On("s3", "rack=c")];

        Assert.Equal(("s3", ""), Named(StandbyChoice.Choose(RingPlacement.Create(4, 2), ["rack"], hosts, new HostPosition(1), standbys)));
    }

    private static (HostName Host, string Reason) Choose(
        ImmutableArray<string> domains, ImmutableArray<LabelledHost?> positions, int vacant, params LabelledHost[] standbys) =>
        StandbyChoice.Choose(TwoGroups, domains, positions, new HostPosition(vacant), standbys);

    private static (string Host, string Reason) Named((HostName Host, string Reason) choice) => (choice.Host.Value, choice.Reason);

    private static LabelledHost On(string host, string labels) => new(new HostName(host), HostLabels.Parse(labels));
}
