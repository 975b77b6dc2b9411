using Gemini.Interfaces.Model;
using Gemini.Simulation.Fakes;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>
/// How many rounds pass between a failure and the root agent's verdict. In one round every silo reports once and the root agent decides once. Time is
/// virtual, so a busy machine changes nothing. <c>gemini drill detect</c> measures how long a round takes on real machines.
/// </summary>
public sealed class DetectionRoundsTests
{
    private const int StuckFloorRounds = 10_000 / FakeCluster.TickMilliseconds;

    /// <summary>The cluster's own verdict on a silo, and the probes of its trainers, which are sent in the same round.</summary>
    private const int SiloRounds = 3;

    [Fact]
    public void TrainerIsKilled_IsSeenInTheNextRound() => Assert.Equal(1, RoundsUntilVerdict(FailureKind.Software, cluster => cluster.KillTrainer("h2")));

    [Fact]
    public void HostIsKilled_IsSeenWithTheVerdictOnItsSilo() =>
        Assert.InRange(RoundsUntilVerdict(FailureKind.Hardware, cluster => cluster.KillHost("h2")), 1, SiloRounds);

    [Fact]
    public void HostIsFrozen_IsSeenWithTheVerdictOnItsSilo() =>
        Assert.InRange(RoundsUntilVerdict(FailureKind.Hardware, cluster => Freeze(cluster, "h2")), 1, SiloRounds);

    /// <summary>The next root agent must come up, get reports of the other hosts, and ask trainers that it knows from no report.</summary>
    [Fact]
    public void RootsHostIsFrozen_IsSeenByTheNextRootAgent() =>
        Assert.InRange(RoundsUntilVerdict(FailureKind.Hardware, cluster => Freeze(cluster, cluster.Root.Host.Value)), 1, 10 * SiloRounds);

    /// <summary>The limit without a step, and one round of probes.</summary>
    [Fact]
    public void TrainerIsFrozen_IsSeenAfterTheLimitAndOneRoundOfQuestions() => Assert.InRange(
        RoundsUntilVerdict(FailureKind.Software, cluster => cluster["h2"].Trainers[0].IsFrozen = true), StuckFloorRounds, StuckFloorRounds + SiloRounds);

    [Fact]
    public void SiloAloneIsKilled_IsNoFailure_AndTheStatusSaysSoAtOnce()
    {
        var cluster = Trained();
        cluster.KillSilo("h2");

        Assert.InRange(RoundsUntil(cluster, () => cluster.Status.Reason.Contains("h2", StringComparison.Ordinal)), 1, SiloRounds);
        Assert.Empty(cluster.Status.Recoveries);
    }

    private static int RoundsUntilVerdict(FailureKind kind, Action<FakeCluster> strike)
    {
        var cluster = Trained();
        strike(cluster);
        var rounds = RoundsUntil(cluster, () => cluster.Root.Store.Recoveries.Length > 0);
        Assert.Equal(kind, cluster.LastRecovery.Kind);
        return rounds;
    }

    private static int RoundsUntil(FakeCluster cluster, Func<bool> reached)
    {
        for (var rounds = 1; rounds <= 10 * StuckFloorRounds; rounds++)
        {
            cluster.Tick();
            if (cluster.Root.Coordinator is not null && reached()) return rounds;
        }

        throw new TimeoutException($"There is no verdict. {cluster.Describe()}");
    }

    private static FakeCluster Trained()
    {
        var cluster = new FakeCluster(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);
        return cluster;
    }

    private static void Freeze(FakeCluster cluster, string host)
    {
        foreach (var trainer in cluster[host].Trainers) trainer.IsFrozen = true;
        cluster.KillSilo(host);
    }
}
