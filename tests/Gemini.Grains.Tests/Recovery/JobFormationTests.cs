using System.Collections.Immutable;
using CsCheck;
using Gemini.Grains.Placement;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>How a job without a record begins: anew, or from the copies that hosts hold, and who gets which position.</summary>
public sealed class JobFormationTests
{
    private static readonly JobSpec Job = Jobs.Spec(hosts: 3, replicas: 2);
    private static readonly JobRun Earlier = new(new Guid(1, 0, 0, new byte[8]), 3);
    private static readonly JobRun Later = new(new Guid(2, 0, 0, new byte[8]), 3);
    private static readonly SnapshotId Five = Jobs.Snapshot(5);
    private static readonly string[] Names = ["h0", "h1", "h2", "s1", "s2"];

    [Fact]
    public void NobodyHoldsACopy_EveryHostReports_TheJobBegins()
    {
        var formation = Decide([Empty("h0"), Empty("h1"), Empty("h2"), Empty("s1")]);

        Assert.Equal("h0 h1 h2", Seats(formation));
        Assert.Equal((true, default, false, ""), (formation.IsComplete, formation.Run, formation.IsRebuilt, formation.Reason));
    }

    /// <summary>A standby cannot take the place at a first start, not even when nobody is waited for: the absent host may hold copies.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void NobodyHoldsACopy_AHostIsAbsent_IsWaitedFor(bool isPatient)
    {
        var formation = Decide([Empty("h1"), Empty("s1")], isPatient);

        Assert.False(formation.IsComplete);
        Assert.Equal("waiting for h0, h2 to report", formation.Reason);
    }

    [Fact]
    public void FirstStart_PositionsFollowTheFailureDomains()
    {
        var job = Jobs.Spec(hosts: 4, replicas: 2) with
        {
            Domains = ["rack"],
            Labels = [.. Enumerable.Range(0, 4).Select(host => new HostLabel(Jobs.Host(host), "rack", $"r{host / 2}"))],
        };
        var arrangement = JobPlacement.ArrangementOf(job);

        var formation = JobFormation.Decide(job, arrangement, [.. job.Hosts.Select(host => Empty(host.Value))], isPatient: true);

        Assert.Equal(arrangement.Hosts.Select(host => (HostName?)host.Host), formation.Assignment);
        Assert.NotEqual(job.Hosts.Select(host => (HostName?)host), formation.Assignment);
    }

    /// <summary>They may be the last copies of another training. Only a person may begin beside them.</summary>
    [Fact]
    public void CopiesOfARunOfAnotherSize_TheJobDoesNotBegin_AndSaysWhatToDo()
    {
        var other = new JobRun(Later.Id, 5);
        var held = Empty("h0") with { Run = other, Replicas = Jobs.Replicas(Jobs.Snapshot(100, 3), 4) };
        var aside = Empty("h1") with { Leftovers = [new LeftoverCopies(other, 2, Jobs.Snapshot(90, 3), 4096)] };

        foreach (var isPatient in new[] { true, false })
        {
            Assert.Equal(
                "the job has no record, and h0 holds snapshot 100@3 of a run with 5 ranks; h1 holds snapshot 90@3 of a run with 5 ranks; the configuration "
                + "says 3 ranks. Give the job its hosts back, or remove these hosts' memory folders to start from the beginning",
                Decide([held, aside, Empty("h2")], isPatient).Reason);
        }
    }

    /// <summary>Reports, whether hosts are still waited for, and the hosts by position. A vacant list: the job waits.</summary>
    public static TheoryData<string, bool, string> Rebuilt => new()
    {
        // Each host holds its own shard.
        { "h0:0 h1:1 h2:2", true, "h0 h1 h2" },
        { "h0:0 h1 h2", true, "h0 h1 h2" },
        // A standby had a position, and the configured host came back empty.
        { "h0:0 h1:1 h2 s1:2", true, "h0 h1 s1" },
        // Both hold the shard. The configured host is preferred, also to one that comes first by name.
        { "a1:2 h0:0 h1:1 h2:2", true, "h0 h1 h2" },
        // Two hosts outside the configuration hold the shard. The first by name gets the position.
        { "h0:0 h1:1 h2 s2:2 s1:2", true, "h0 h1 s1" },
        // A host that still knows its position has priority over every copy, because its trainers are there.
        { "h0:0 h1:1 h2:2 s1@2", true, "h0 h1 s1" },
        { "h1@0:1 h0@1:0 h2:2", true, "h1 h0 h2" },
        // The configured host of position 2 may still come and bring copies.
        { "h0:0 h1:1 s1:2", true, "" },
        { "h0:0 h1:1 s1:2", false, "h0 h1 s1" },
        // Nobody is waited for any more, so another host gets the vacant position.
        { "h0:0 h1:1 s2 s1", true, "" },
        { "h0:0 h1:1 s2 s1", false, "h0 h1 s1" },
        { "h0:0 h1:1", false, "" },
    };

    /// <summary>
    /// A report in words: "h1@0:1" is host h1, which knows that it has position 0 and holds the shard of rank 1.
    /// </summary>
    [Theory]
    [MemberData(nameof(Rebuilt))]
    public void SomebodyHoldsACopy_TheJobContinues_AndEveryPositionGoesToWhoNeedsItMost(string reports, bool isPatient, string seats)
    {
        var formation = Decide([.. reports.Split(' ').Select(Parse)], isPatient);

        Assert.Equal(seats, Seats(formation));
        if (seats.Length == 0) Assert.StartsWith("the record was lost, and hosts hold snapshots of the job; waiting for h2 to report", formation.Reason, StringComparison.Ordinal);
        else Assert.Equal((true, Later, ""), (formation.IsRebuilt, formation.Run, formation.Reason));
    }

    /// <summary>Copies of an earlier run do not make their holder the owner of a position of the later one.</summary>
    [Fact]
    public void CopiesOfTwoRuns_TheLaterRunContinues_AndOnlyItsCopiesCount()
    {
        var formation = Decide([Parse("h0:0"), Parse("h1:1"), Parse("h2"), Parse("s1:2") with { Run = Earlier }]);

        Assert.Equal(("h0 h1 h2", Later), (Seats(formation), formation.Run));
    }

    /// <summary>A position that a host had in an earlier epoch may be another host's now.</summary>
    [Fact]
    public void KnownPosition_CountsOnlyInTheNewestEpoch()
    {
        var stale = Parse("a1@2:2") with { Done = new DirectiveVersion(new Epoch(6), DirectiveStep.Run) };

        Assert.Equal("h0 h1 h2", Seats(Decide([Parse("h0@0:0"), Parse("h1@1:1"), Parse("h2@2:2"), stale])));
    }

    /// <summary>Of two ranks of the position it holds only one: it had not been the position's host, but held copies for it.</summary>
    [Theory]
    [InlineData(new[] { 4 }, "h2")]
    [InlineData(new[] { 4, 5 }, "s1")]
    public void HoldsOwn_IfItHoldsTheShardOfEveryRankOfThePosition(int[] ranks, string seated)
    {
        var job = Job with { RanksPerHost = 2 };
        var run = new JobRun(Later.Id, 6);
        var standby = Empty("s1") with { Run = run, Replicas = Jobs.Replicas(Five, ranks) };
        var first = Empty("h0") with { Run = run, Replicas = Jobs.Replicas(Five, 0, 1) };

        var formation = JobFormation.Decide(job, JobPlacement.ArrangementOf(job), [first, Empty("h1"), Empty("h2"), standby], isPatient: true);

        Assert.Equal($"h0 h1 {seated}", Seats(formation));
    }

    /// <summary>
    /// Whatever hosts report: a formation is complete or says what it waits for. A complete one seats present hosts, each once. It never begins anew
    /// beside a copy of the job.
    /// </summary>
    [Fact]
    public void AnyReports_NoHostHasTwoPositions_AndNoCopyIsForgotten() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 4].Select(index => Names[index]), Gen.Int[-1, 2], Gen.Int[0, 2], Gen.Int[0, 7], Gen.Bool).Array[0, 5],
            Gen.Bool).Sample((hosts, isPatient) =>
        {
            List<HostReport> reports = [.. hosts.DistinctBy(host => host.Item1).Select(host => Empty(host.Item1) with
            {
                Position = host.Item2 < 0 ? null : new HostPosition(host.Item2),
                Done = new DirectiveVersion(new Epoch(host.Item3), DirectiveStep.Run),
                Replicas = Jobs.Replicas(Five, [.. Enumerable.Range(0, 3).Where(rank => (host.Item4 >> rank & 1) == 1)]),
                Run = host.Item5 ? Later : Earlier,
            })];
            // Two hosts know one position only if the root agent made a mistake.
            reports = [.. reports.GroupBy(report => (report.Done.Epoch, report.Position)).SelectMany(same => same.Key.Position is null ? same : same.Take(1))];

            var formation = Decide(reports, isPatient);

            var seated = formation.Assignment.Select(host => host!.Value).ToList();
            Assert.Equal(formation.IsComplete ? 3 : 0, seated.Distinct().Count());
            Assert.Subset(reports.Select(report => report.Host).ToHashSet(), seated.ToHashSet());
            Assert.Equal(formation.IsComplete, formation.Reason.Length == 0);
            if (formation.IsComplete) Assert.Equal(reports.Exists(report => !report.Replicas.IsEmpty), formation.IsRebuilt);
        });

    private static Formation Decide(IReadOnlyList<HostReport> present, bool isPatient = true) =>
        JobFormation.Decide(Job, JobPlacement.ArrangementOf(Job), present, isPatient);

    private static string Seats(Formation formation) => string.Join(' ', formation.Assignment);

    private static HostReport Empty(string host) =>
        new() { Host = new HostName(host), Incarnation = 1, Sequence = 1, SpecFingerprint = Job.Fingerprint(), DataEndpoint = $"{host}:1" };

    private static HostReport Parse(string words)
    {
        var (known, held) = words.Split(':') is [var before, var after] ? (before, after) : (words, "");
        var (host, position) = known.Split('@') is [var name, var at] ? (name, at) : (known, "");
        return Empty(host) with
        {
            Position = position.Length == 0 ? null : new HostPosition(int.Parse(position)),
            Done = position.Length == 0 ? default : new DirectiveVersion(new Epoch(7), DirectiveStep.Run),
            Run = held.Length == 0 ? default : Later,
            Replicas = held.Length == 0 ? [] : Jobs.Replicas(Five, int.Parse(held)),
        };
    }
}
