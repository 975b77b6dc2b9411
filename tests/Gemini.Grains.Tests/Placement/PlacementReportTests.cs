using System.Collections.Immutable;
using Gemini.Grains.Placement;
using Gemini.Grains.Placement.Domains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Placement;

/// <summary>A job's placement by its specification, and the report about it.</summary>
public sealed class PlacementReportTests
{
    [Fact]
    public void Arrangement_TwoRacks_KeepsCopiesApart_AndIsTheSameWhereverComputed()
    {
        var job = Job(4, 2, "rack", "r1", "r1", "r2", "r2");

        var arrangement = JobPlacement.ArrangementOf(job);

        Assert.True(arrangement.NothingShared);
        Assert.Equal(arrangement.Hosts, JobPlacement.ArrangementOf(job with { Labels = [.. job.Labels.Reverse()] }).Hosts);
        foreach (var group in JobPlacement.PlanOf(job).Groups)
            Assert.Equal(2, group.Members.Select(member => arrangement.Hosts[member.Value].Labels.ValueOf("rack")).Distinct().Count());
        Assert.Empty(Report(job).Warnings);
    }

    [Fact]
    public void Fingerprint_PlacementDomainsAndLabels_AreAgreedOn()
    {
        var job = Job(4, 2, "rack", "r1", "r1", "r2", "r2");
        JobSpec[] others =
        [
            job with { Placement = ReplicaPlacement.Ring },
            job with { Domains = [] },
            job with { Labels = job.Labels.SetItem(0, job.Labels[0] with { Value = "r2" }) },
        ];
        Assert.Equal(4, others.Append(job).Select(one => one.Fingerprint()).Distinct().Count());
    }

    [Theory]
    [InlineData(ReplicaPlacement.Group, 2)]
    [InlineData(ReplicaPlacement.Mixed, 2)]
    [InlineData(ReplicaPlacement.Ring, 1)]
    public void Plan_FollowsTheStrategy(ReplicaPlacement strategy, int groups) =>
        Assert.Equal(groups, JobPlacement.PlanOf(Jobs.Spec(4, 2) with { Placement = strategy }).Groups.Length);

    [Fact]
    public void Risk_HostsAndRacks_AreExact()
    {
        var risk = Report(Job(4, 2, "rack", "r1", "r1", "r2", "r2")).Risk;

        Assert.Equal(
            ["1 of 4 host 1/1", "2 of 4 host 2/3", "3 of 4 host 0/1", "4 of 4 host 0/1", "1 of 2 rack 1/1", "2 of 2 rack 0/1"],
            risk.Select(row => $"{row.Lost} of {row.Of} {row.What} {row.Fraction}"));
        Assert.All(risk, row => Assert.True(row.IsExact));
        Assert.Equal((2.0 / 3, 1.0 / 3), (risk[1].Recovery, risk[1].Loss));
    }

    /// <summary>Rack r1 has both copies of a shard, so the loss of r1 loses the job.</summary>
    [Fact]
    public void Warnings_SharingThatCannotBeAvoided_SaysSoAndWhy()
    {
        var report = Report(Job(4, 2, "rack", "r1", "r1", "r1", "r2"));

        var warning = Assert.Single(report.Warnings);
        Assert.Contains("3 hosts have rack=r1, but of 4 hosts with 2 replicas only 2 can be kept apart", warning);
        Assert.Contains("proven", warning);
        Assert.Equal(0.5, report.Risk.Single(row => row is { What: "rack", Lost: 1 }).Recovery);
    }

    [Fact]
    public void Warnings_AStandbyMadeItWorse_SaysWhere()
    {
        var job = Job(4, 2, "rack", "r1", "r2", "r1", "r2");
        var arrangement = JobPlacement.ArrangementOf(job);
        var now = arrangement.Hosts.SetItem(1, new LabelledHost(new HostName("spare"), HostLabels.Parse("rack=r1")));

        var warning = Assert.Single(PlacementReport.Of(job, arrangement, now).Warnings);

        Assert.Contains("spare", warning);
        Assert.Contains("standbys took over", warning);
    }

    [Fact]
    public void Warnings_SingleCopyAndMissingLabels_AreSaid()
    {
        var job = Job(2, 1, "rack", "r1") with { Replicas = 1 };

        Assert.Collection(
            Report(job).Warnings,
            warning => Assert.StartsWith("1 replica: every shard has a single copy", warning),
            warning => Assert.Equal("rack: h1 have no such label; each counts as a domain of its own", warning));
        Assert.Null(PlacementReport.SingleCopyWarning(2));
    }

    [Fact]
    public void Risk_ManyRacks_IsABoundAndSaysSo()
    {
        var job = Job(600, 2, "rack", [.. Enumerable.Range(0, 600).Select(host => $"r{host}")]) with { Placement = ReplicaPlacement.Ring };

        var row = Report(job).Risk.Single(row => row is { What: "rack", Lost: 3 });

        Assert.False(row.IsExact);
        Assert.InRange(row.Recovery, 0.98, 1);
    }

    private static PlacementStatus Report(JobSpec job)
    {
        var arrangement = JobPlacement.ArrangementOf(job);
        return PlacementReport.Of(job, arrangement, arrangement.Hosts);
    }

    private static JobSpec Job(int hosts, int replicas, string label, params string[] values) => Jobs.Spec(hosts, replicas) with
    {
        Domains = [label],
        Labels = [.. values.Select((value, host) => new HostLabel(Jobs.Host(host), label, value))],
    };
}
