using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster.Ports;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>
/// How many rounds pass between a failure and the root agent's verdict. In one round every silo reports what is new and the root agent evaluates
/// once. Time is virtual, so a busy machine changes nothing. <c>gemini drill detect</c> measures how long a round takes on real machines.
/// </summary>
public sealed class DetectionRoundsTests
{
    private const int StuckFloorRounds = 10_000 / SimulatedJob.StepMilliseconds;

    /// <summary>The cluster's own verdict on a silo, and the root agent's next evaluation.</summary>
    private const int SiloRounds = (SimulatedJob.VerdictMilliseconds / SimulatedJob.StepMilliseconds) + 1;

    /// <summary>A trainer that does not answer is asked for this long, and the root agent evaluates.</summary>
    private const int ProbeRounds = (RootCalls.ProbeLimitMilliseconds / SimulatedJob.StepMilliseconds) + 1;

    /// <summary>
    /// A call that the root agent's dead host has not answered ends after 2 s. Then the next root agent comes up, and asks for <see cref="ProbeRounds"/>.
    /// </summary>
    private const int RootRounds = 30;

    [Fact]
    public void TrainerIsKilled_IsSeenInTheNextRound() => Assert.Equal(1, RoundsUntilVerdict(FailureKind.Software, cluster => cluster.KillTrainer("h2")));

    [Fact]
    public void HostIsKilled_IsSeenWithTheVerdictOnItsSilo() =>
        Assert.InRange(RoundsUntilVerdict(FailureKind.Hardware, cluster => cluster.KillHost("h2")), 1, SiloRounds);

    [Fact]
    public void HostIsFrozen_IsSeenAfterTheVerdictOnItsSiloAndOneRoundOfQuestions() =>
        Assert.InRange(RoundsUntilVerdict(FailureKind.Hardware, cluster => Freeze(cluster, "h2")), 1, SiloRounds + ProbeRounds);

    /// <summary>The next root agent must come up, get reports of the other hosts, and ask trainers that it knows from no report.</summary>
    [Fact]
    public void RootsHostIsFrozen_IsSeenByTheNextRootAgent() =>
        Assert.InRange(RoundsUntilVerdict(FailureKind.Hardware, cluster => Freeze(cluster, cluster.RootHost.Value)), 1, RootRounds);

    /// <summary>The limit without a step, and one round of probes.</summary>
    [Fact]
    public void TrainerIsFrozen_IsSeenAfterTheLimitAndOneRoundOfQuestions() => Assert.InRange(
        RoundsUntilVerdict(FailureKind.Software, cluster => cluster.Freeze("h2")), StuckFloorRounds, StuckFloorRounds + ProbeRounds + 1);

    [Fact]
    public void SiloAloneIsKilled_IsNoFailure_AndTheStatusSaysSoAtOnce()
    {
        var cluster = Trained();
        cluster.KillSilo("h2");

        Assert.InRange(RoundsUntil(cluster, () => cluster.Status.Reason.Contains("h2", StringComparison.Ordinal)), 1, SiloRounds);
        Assert.Empty(cluster.Status.Recoveries);
    }

    private static int RoundsUntilVerdict(FailureKind kind, Action<SimulatedJob> strike)
    {
        var cluster = Trained();
        strike(cluster);
        var rounds = RoundsUntil(cluster, () => cluster.Record.Recoveries.Length > 0);
        Assert.Equal(kind, cluster.LastRecovery.Kind);
        return rounds;
    }

    private static int RoundsUntil(SimulatedJob cluster, Func<bool> reached)
    {
        for (var rounds = 1; rounds <= 10 * StuckFloorRounds; rounds++)
        {
            cluster.RunFor(SimulatedJob.StepMilliseconds);
            if (cluster.Coordinator is not null && reached()) return rounds;
        }

        throw new TimeoutException($"There is no verdict. {cluster.World.Describe()}");
    }

    private static SimulatedJob Trained()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);
        return cluster;
    }

    private static void Freeze(SimulatedJob cluster, string host)
    {
        cluster.Freeze(host);
        cluster.KillSilo(host);
    }
}
