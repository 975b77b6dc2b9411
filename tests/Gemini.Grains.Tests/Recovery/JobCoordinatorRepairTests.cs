using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>
/// While the job waits for a machine, the remaining hosts make its lost copies again. The status says what another loss would cost.
/// </summary>
public sealed class JobCoordinatorRepairTests
{
    [Fact]
    public void HostLost_N4M2_NoStandby_GuestsAreMadeAndTheRestOfTheGroupMayBeLostToo()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;
        cluster.KillHost("h1");
        cluster.RunUntil(JobPhase.Replacing);
        cluster.RunUntil(() => cluster.Status.Redundancy.LeastCopies == 2, "two copies of every shard", 5_000);
        Assert.Equal(JobPhase.Replacing, cluster.Phase);
        Assert.Equal(2, cluster["h3"].Memory.Guests.Count() + cluster["h4"].Memory.Guests.Count());

        // The other host of the group: without guests this loss would lose the shards.
        cluster.KillHost("h2");
        cluster.RunFor(2_000);
        cluster.Start("h1");
        cluster.Start("h2");
        cluster.Train(iterations: 3);

        Assert.Equal(CopySource.Peer, cluster.LastRecovery.Source);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.Single(cluster.Status.Recoveries);
        Assert.Empty(cluster["h3"].Memory.Guests);
        Assert.DoesNotContain(cluster["h3"].Memory.Sealed, copy => copy.Owner.Value < 2);
        Assert.All(cluster["h1"].Memory.Sealed.Select(copy => copy.Owner.Value), owner => Assert.InRange(owner, 0, 1));
    }

    /// <summary>
    /// When the last host is back, nothing needs to be fetched any more. But the rank's own host had lost its shard, so the source is a peer.
    /// </summary>
    [Fact]
    public void HostBackWithoutItsMemory_TakesItsShardInWhileTheJobWaits_TheSourceIsAPeer()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        foreach (var host in (string[])["h2", "h3", "h4"]) cluster.KillProcesses(host);
        cluster.KillHost("h1");
        cluster.RunFor(500);
        foreach (var host in (string[])["h1", "h2", "h4"]) cluster.Start(host);
        cluster.RunUntil(() => cluster["h1"].Memory.Sealed.Any(copy => copy.Owner.Value == 0), "host 1 to have its shard again", 20_000);
        Assert.Equal(JobPhase.Replacing, cluster.Phase);
        cluster.Start("h3");
        cluster.Train(iterations: 3);

        Assert.Equal(CopySource.Peer, cluster.LastRecovery.Source);
    }

    /// <summary>Each host still has its memory: a copy that is made meanwhile would send a whole shard over the network in vain.</summary>
    [Fact]
    public void WholeJobRestarted_OneHostComesUpSecondsLater_NoGuestIsMade()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        KillAllProcesses(cluster);
        cluster.RunFor(500);
        var guests = 0;
        cluster.AfterStep = () => guests += cluster.Hosts.Sum(host => host.Silo?.State.Directive.Guests.Length ?? 0);

        foreach (var host in (string[])["h1", "h2", "h4"]) cluster.Start(host);
        cluster.RunUntil(JobPhase.Replacing);
        cluster.RunFor(3_000);
        cluster.Start("h3");
        cluster.Train(iterations: 3);

        Assert.Equal(0, guests);
        Assert.Equal(CopySource.Local, cluster.LastRecovery.Source);
    }

    [Fact]
    public void WholeJobRestarted_OneHostStaysAway_GuestsAreMadeAfterTheGrace()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        KillAllProcesses(cluster);
        cluster.RunFor(500);
        foreach (var host in (string[])["h1", "h2", "h4"]) cluster.Start(host);
        cluster.RunUntil(JobPhase.Replacing);
        cluster.RunUntil(() => cluster.Status.Redundancy.LeastCopies == 2, "two copies of every shard", 20_000);
        Assert.Equal(JobPhase.Replacing, cluster.Phase);
    }

    private static void KillAllProcesses(SimulatedJob cluster)
    {
        foreach (var host in cluster.Hosts) cluster.KillProcesses(host.Name.Value);
    }

    [Fact]
    public void HostLost_TheOtherCopiesStandInARack_GuestsAreMadeInAnother()
    {
        string Rack(int host) => host % 2 == 0 ? "r0" : "r1";
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, configure: job => job with
        {
            Domains = ["rack"],
            Labels = [.. Enumerable.Range(1, 4).Select(host => new HostLabel(new HostName($"h{host}"), "rack", Rack(host)))],
        });
        cluster.Train(iterations: 10);
        cluster.KillHost("h1");
        cluster.RunUntil(JobPhase.Replacing);
        cluster.RunUntil(() => cluster.Status.Redundancy.LeastCopies == 2, "two copies of every shard", 5_000);

        // The rest of the group is h2 in rack r0, and h4 is in r0 too. Without racks, h4 would have got half of the guests.
        Assert.Equal(2, cluster["h3"].Memory.Guests.Count());
        Assert.Empty(cluster["h4"].Memory.Guests);
    }

    [Fact]
    public void HostsLostOneAfterTheOther_N5M2_EachIsRepaired_UntilOneIsLeft()
    {
        var cluster = new SimulatedJob(hosts: 5, replicas: 2);
        cluster.Train(iterations: 10);
        var committed = cluster.Status.Committed;
        for (var host = 1; host <= 4; host++)
        {
            var left = 5 - host;
            cluster.KillHost($"h{host}");
            cluster.RunUntil(
                () => cluster.Phase == JobPhase.Replacing && cluster.HostAt(host - 1)?.Silo is null
                    && cluster.Status.Redundancy.LeastCopies == Math.Min(2, left) && cluster.Status.Redundancy.Exposed == (left < 2),
                $"copies on {left} hosts", 10_000);
            cluster.RunFor(1_000);
        }

        Assert.Contains("waiting for a host for position 0, 1, 2, 3", cluster.Status.Reason);
        for (var host = 1; host <= 4; host++) cluster.Start($"h{host}");
        cluster.Train(iterations: 3);
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
    }

    [Fact]
    public void HostLost_NoRoom_IsSaidAndTheJobGoesOn()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster["h3"].GuestsMax = cluster["h4"].GuestsMax = 0;
        cluster.Train(iterations: 10);
        cluster.KillHost("h1");
        cluster.RunUntil(JobPhase.Replacing);
        cluster.RunFor(3_000);

        Assert.EndsWith("no other live host can take a copy of rank 0, 1", cluster.Status.Reason);
        Assert.Equal((1, true), (cluster.Status.Redundancy.LeastCopies, cluster.Status.Redundancy.Exposed));
        cluster.Start("h1");
        cluster.Train(iterations: 3);
        Assert.Equal(CopySource.Peer, cluster.LastRecovery.Source);
    }

    [Fact]
    public void HostLost_Standby_TakesThePositionAndIsFilled_TheTimelineSaysWhen()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1);
        cluster.Train(iterations: 10);
        Assert.Equal((2, false, 0L), (cluster.Status.Redundancy.LeastCopies, cluster.Status.Redundancy.Exposed, cluster.Status.Redundancy.ExposedMilliseconds));

        cluster.KillHost("h1");
        cluster.Train(iterations: 3);

        var recovery = cluster.LastRecovery;
        Assert.InRange(recovery.RedundantAt, recovery.ReplacedAt, cluster.Now);
        Assert.InRange(recovery.ExposedMilliseconds, 1, cluster.Now - recovery.DetectedAt);
        Assert.Equal([0, 1], cluster["s1"].Memory.Sealed.Select(copy => copy.Owner.Value).Distinct().Order());
        var redundancy = cluster.Status.Redundancy;
        Assert.Equal((2, false, recovery.ExposedMilliseconds), (redundancy.LeastCopies, redundancy.Exposed, redundancy.ExposedMilliseconds));
        Assert.Empty(redundancy.Weakest);
    }

    [Fact]
    public void SiloLost_TrainersGoOn_ExposedUntilItIsBack()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        cluster.KillSilo("h2");
        cluster.RunUntil(() => cluster.Status.Redundancy.Exposed, "exposed", 5_000);
        var since = cluster.Now;
        Assert.Equal([0, 1], cluster.Status.Redundancy.Weakest.Select(rank => rank.Value));
        cluster.RunFor(3_000);
        cluster.Start("h2");
        cluster.RunUntil(() => !cluster.Status.Redundancy.Exposed, "no longer exposed", 10_000);

        var redundancy = cluster.Status.Redundancy;
        Assert.InRange(redundancy.ExposedMilliseconds, 3_000, cluster.Now - since + SimulatedJob.StepMilliseconds);
        Assert.Equal(redundancy.ExposedMilliseconds, redundancy.LongestExposedMilliseconds);
        Assert.Empty(cluster.Status.Recoveries);
    }

    [Fact]
    public void HostLost_RootAgentLostWhileWaiting_TheNextOneGoesOnWithGuestsAndClock()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster["h3"].GuestsMax = 0;
        cluster["h4"].GuestsMax = 0;
        cluster.Train(iterations: 10);
        cluster.KillHost("h2");
        cluster.RunUntil(JobPhase.Replacing);
        var exposedSince = cluster.Status.Redundancy.ExposedSince;
        Assert.InRange(exposedSince, 1, cluster.Now);
        cluster.KillRoot();
        cluster["h3"].GuestsMax = cluster["h4"].GuestsMax = 1;
        cluster.RunUntil(() => cluster.Coordinator is not null && cluster.Status.Redundancy.LeastCopies == 2, "guests again", 10_000);
        var until = cluster.LastRecovery.RedundantAt;
        Assert.InRange(until, exposedSince, cluster.Now);
        Assert.Equal(until - exposedSince, cluster.Status.Redundancy.ExposedMilliseconds);
        cluster.Start("h2");
        cluster.Train(iterations: 3);

        Assert.Equal(until - exposedSince, cluster.LastRecovery.ExposedMilliseconds);
        Assert.Equal(until, cluster.LastRecovery.RedundantAt);
    }

    [Fact]
    public void HostLost_M3_IsNotExposed()
    {
        var cluster = new SimulatedJob(hosts: 6, replicas: 3);
        cluster.Train(iterations: 10);
        cluster.KillHost("h1");
        cluster.RunUntil(JobPhase.Replacing);
        cluster.RunUntil(() => cluster.Status.Redundancy.LeastCopies == 3, "three copies", 5_000);
        cluster.Start("h1");
        cluster.Train(iterations: 3);

        Assert.Equal(0, cluster.Status.Redundancy.ExposedMilliseconds);
        Assert.NotEqual(0, cluster.LastRecovery.RedundantAt);
    }

    [Fact]
    public void M1_IsAlwaysExposedAndNotMeasured()
    {
        var cluster = new SimulatedJob(hosts: 2, replicas: 1);
        cluster.Train(iterations: 10);

        Assert.Equal((1, true, 0L), (cluster.Status.Redundancy.LeastCopies, cluster.Status.Redundancy.Exposed, cluster.Status.Redundancy.ExposedMilliseconds));
    }

    [Fact]
    public void RootAgentComesUpElsewhere_WhileTraining_KnowsTheCopies()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 10);
        cluster.KillRoot();
        cluster.Train(iterations: 1);

        Assert.Equal((2, false, 0L), (cluster.Status.Redundancy.LeastCopies, cluster.Status.Redundancy.Exposed, cluster.Status.Redundancy.ExposedMilliseconds));
    }
}
