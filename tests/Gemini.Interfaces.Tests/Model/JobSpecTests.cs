using CsCheck;
using Gemini.Interfaces.Model;

namespace Gemini.Interfaces.Tests.Model;

public sealed class JobSpecTests
{
    private static readonly JobSpec Spec = new()
    {
        Name = "gpt2",
        Hosts = [new("a"), new("b"), new("c")],
        RanksPerHost = 2,
        Replicas = 2,
        Storage = new StoragePolicy { EveryIterations = 100 },
        Standbys = [new("d")],
        Domains = ["rack", "power"],
        Labels = [new(new HostName("a"), "rack", "r1"), new(new HostName("b"), "rack", "r2")],
        Trainer = "python train.py",
    };

    /// <summary>Every property in which two hosts can differ, each with its name in a host's configuration.</summary>
    private static readonly (string Property, string Here, string There, bool MustAgree, JobSpec Other)[] Changes =
    [
        ("job.name", "gpt2", "gpt3", true, Spec with { Name = "gpt3" }),
        ("job.hosts", "a, b, c", "a, c, b", true, Spec with { Hosts = [new("a"), new("c"), new("b")] }),
        ("job.ranksPerHost", "2", "3", true, Spec with { RanksPerHost = 3 }),
        ("job.replicas", "2", "1", true, Spec with { Replicas = 1 }),
        ("job.placement", "Mixed", "Ring", true, Spec with { Placement = ReplicaPlacement.Ring }),
        ("job.domains", "rack, power", "power, rack", true, Spec with { Domains = ["power", "rack"] }),
        ("job.labels", "a:rack=r1, b:rack=r2", "a:rack=r1", true, Spec with { Labels = [new(new HostName("a"), "rack", "r1")] }),
        ("job.standbys", "d", "", false, Spec with { Standbys = [] }),
        ("storage", "every 100 iterations, keep 2", "", true, Spec with { Storage = null }),
        ("trainer", "python train.py", "python train.py --fast", true, Spec with { Trainer = "python train.py --fast" }),
        ("job.checkpointMode", "Marked", "Gemini", true, Spec with { Mode = CheckpointMode.Gemini }),
        ("job.baselineInterval", "0", "50", true, Spec with { BaselineInterval = 50 }),
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, Changes.Length)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Difference_InOneProperty_IsNamedAndDecidesTheFingerprint(int index)
    {
        var (property, here, there, mustAgree, other) = Changes[index];
        Assert.Equal(new SpecDifference(property, here, there, mustAgree), Assert.Single(Spec.DifferencesTo(other)));
        Assert.Equal(new SpecDifference(property, there, here, mustAgree), Assert.Single(other.DifferencesTo(Spec)));
        Assert.Equal(!mustAgree, Spec.Fingerprint() == other.Fingerprint());
    }

    [Fact]
    public void Differences_InSeveralProperties_AreAllNamed()
    {
        var other = Spec with { Name = "gpt3", Replicas = 1, Standbys = [] };
        Assert.Equal(["job.name", "job.replicas", "job.standbys"], Spec.DifferencesTo(other).Select(difference => difference.Property));
        Assert.Empty(Spec.DifferencesTo(Spec with { Hosts = [.. Spec.Hosts] }));
    }

    /// <summary>
    /// Hosts of two versions of this program compare their fingerprints during an upgrade, and the job's record keeps one. So the same specification has
    /// the same fingerprint in every version.
    /// </summary>
    [Fact]
    public void Fingerprint_IsThatOfEarlierVersions()
    {
        Assert.Equal("cd37cb72a0b0ccae", Spec.Fingerprint());
        Assert.Equal("cc057c2e1c8f9e32", new JobSpec { Name = "gpt2", Hosts = [new("a")] }.Fingerprint());
    }

    [Fact]
    public void Defaults_AreThePapers()
    {
        var least = new JobSpec { Name = "x", Hosts = [new("a"), new("b")] };
        Assert.Equal((1, 2, ReplicaPlacement.Mixed, null), (least.RanksPerHost, least.Replicas, least.Placement, least.Storage));
        Assert.Equal((2, 2, 0, 0, 0, ""), (least.HostCount, least.WorldSize, least.Standbys.Length, least.Domains.Length, least.Labels.Length, least.Trainer));
    }

    [Fact]
    public void Ranks_OfEveryPosition_AreAllRanksInOrderAndLeadBack() => Gen.Select(Gen.Int[1, 20], Gen.Int[1, 9]).Sample((hosts, ranksPerHost) =>
    {
        var spec = new JobSpec { Name = "x", Hosts = [.. Enumerable.Range(0, hosts).Select(host => new HostName($"h{host}"))], RanksPerHost = ranksPerHost };
        Assert.Equal((hosts, hosts * ranksPerHost), (spec.HostCount, spec.WorldSize));
        var positions = Enumerable.Range(0, hosts).Select(position => new HostPosition(position)).ToList();
        Assert.Equal(Enumerable.Range(0, spec.WorldSize), positions.SelectMany(spec.RanksOf).Select(rank => rank.Value));
        foreach (var position in positions)
        {
            Assert.All(spec.RanksOf(position), rank => Assert.Equal(position, spec.PositionOf(rank)));
            Assert.Equal(spec.RanksOf(position), Enumerable.Range(0, ranksPerHost).Select(index => spec.RankOf(position, index)));
        }
    });

    [Fact]
    public void Describe_Differences_IsOneLineWithBothValues() => Assert.Equal(
        "job.replicas is \"2\" here and \"1\" there; storage is \"every 100 iterations, keep 2\" here and absent there",
        SpecDifference.Describe(Spec.DifferencesTo(Spec with { Replicas = 1, Storage = null }), "here", "there"));

    [Fact]
    public void Describe_NoDifference_IsEmpty() => Assert.Equal("", SpecDifference.Describe([], "here", "there"));
}
