using Gemini.Grains.Placement.Domains;
using Gemini.Grains.Placement.Plans;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement.Domains;

/// <summary>The verdict on an order of hosts, and the sentence that explains it.</summary>
public sealed class SharingReportTests
{
    /// <summary>
    /// Racks of the hosts in order, for two copies of each shard. "Unproven" is said only if nothing excludes a better order and not all were tried.
    /// </summary>
    [Theory]
    [InlineData(new[] { 0, 1, 0, 1 }, true, SharingVerdict.NothingShared)]
    [InlineData(new[] { 0, 1, 0, 1 }, false, SharingVerdict.NothingShared)]
    // The board shares as little as counting allows, so this is proven without a search.
    [InlineData(new[] { 0, 0, 0, 1 }, false, SharingVerdict.FewestShared)]
    // Nothing has to be shared here.
    [InlineData(new[] { 0, 0, 1, 1 }, false, SharingVerdict.Unproven)]
    [InlineData(new[] { 0, 0, 1, 1 }, true, SharingVerdict.FewestShared)]
    // Rack 0 is too large, and yet this order shares more than it must.
    [InlineData(new[] { 0, 0, 0, 0, 1, 1 }, false, SharingVerdict.Unavoidable)]
    public void Of_TheVerdictFollowsFromTheCostAndFromTheSearch(int[] racks, bool isComplete, SharingVerdict verdict) =>
        Assert.Equal(verdict, Assert.Single(Report(racks, isComplete)).Verdict);

    [Fact]
    public void Of_NothingShared_HasNoReason()
    {
        var report = Assert.Single(Report([0, 1, 0, 1], isComplete: true));

        Assert.Equal(("rack", 0, 0L, 0, ""), (report.Label, report.SharingOwnerCount, report.SharedReplicaCount, report.UnlabelledCount, report.Reason));
    }

    [Fact]
    public void Of_ADomainIsTooLarge_SaysHowManyHostsCouldBeKeptApart() => Assert.Equal(
        "rack: the shards of 2 of 4 hosts have holders that share a domain, first those of host-0 (position 0, group 0), held by host-0 and host-1 with "
        + "rack=r0. 3 hosts have rack=r0, but of 4 hosts with 2 replicas only 2 can be kept apart",
        Assert.Single(Report([0, 0, 0, 1], isComplete: true)).Reason);

    [Theory]
    [InlineData(true, "No order of these hosts avoids this")]
    [InlineData(false, "No order without sharing was found, but there were too many orders to try all")]
    public void Of_NoSuchCause_SaysWhatTheSearchFound(bool isComplete, string reason) =>
        Assert.EndsWith(reason, Assert.Single(Report([0, 0, 1, 1], isComplete)).Reason, StringComparison.Ordinal);

    /// <summary>The power line could be kept apart alone, but not without a shared rack.</summary>
    [Fact]
    public void Of_ALabelOfLowerPriority_SaysThatTheHigherOneDecided()
    {
        var reports = Report(Racks.Of([0, 1, 2, 3], [0, 0, 1, 1]), ["rack", "power"], isComplete: true);

        Assert.Equal((SharingVerdict.NothingShared, ""), (reports[0].Verdict, reports[0].Reason));
        Assert.EndsWith("Every order that avoids this shares more by a label of higher priority", reports[1].Reason, StringComparison.Ordinal);
    }

    /// <summary>Hosts without the label are domains of their own: they share nothing, and they are counted, because they might.</summary>
    [Fact]
    public void Of_HostsWithoutTheLabel_AreCounted()
    {
        var report = Report([.. Racks.Of(0), .. Enumerable.Range(1, 3).Select(host => new LabelledHost(Jobs.Host(host), HostLabels.None))], ["rack"], isComplete: false)[0];

        Assert.Equal((SharingVerdict.NothingShared, 3), (report.Verdict, report.UnlabelledCount));
    }

    private static LabelSharing[] Report(int[] racks, bool isComplete) => Report([.. Racks.Of(racks)], ["rack"], isComplete);

    private static LabelSharing[] Report(IReadOnlyList<LabelledHost> hosts, string[] labels, bool isComplete)
    {
        var plan = MixedPlacement.Create(hosts.Count, 2);
        FailureDomains[] domains = [.. labels.Select(label => FailureDomains.Of(label, [.. hosts]))];
        var board = new SharingBoard(plan, domains, [.. Enumerable.Range(0, hosts.Count)]);
        return [.. SharingReport.Of(plan, domains, board, [.. hosts], isComplete)];
    }
}
