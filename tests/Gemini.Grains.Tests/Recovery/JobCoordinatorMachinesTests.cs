using Gemini.Grains.Machines;
using Gemini.Grains.Recovery;
using Gemini.Grains.Tests.Machines;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Hosts are lost for good. A machine operator brings up others: soon, late, or not at all.</summary>
public sealed class JobCoordinatorMachinesTests
{
    [Fact]
    public void HostLost_N4M2_NoStandby_IsAskedForAfterTheGrace_AndTheJobGoesOn()
    {
        var (cluster, machines) = Create(standbys: 0);
        var committed = cluster.Status.Committed;
        var killed = cluster.Now;

        cluster.KillHost("h2");
        cluster.Train(iterations: 3);

        var (at, host, attempt) = Assert.Single(machines.Orders);
        Assert.Equal((new HostName("h2"), 1), (host, attempt));
        Assert.InRange(at - killed, 5_000, 6_000);
        Assert.Equal((FailureKind.Hardware, CopySource.Peer), (cluster.LastRecovery.Kind, cluster.LastRecovery.Source));
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.Empty(cluster.Status.MachineRequests);
    }

    [Fact]
    public void HostLost_N4M2_BackByItselfWithinTheGrace_IsNeverAskedFor()
    {
        var (cluster, machines) = Create(standbys: 0);

        cluster.KillHost("h2");
        cluster.RunUntil(JobPhase.Replacing);
        Assert.StartsWith(
            "waiting for a host for position 1: h2 is missing; a machine is requested if the host is not back within 5 s",
            Stable(cluster.Status.Reason), StringComparison.Ordinal);
        cluster.RunFor(2_000);
        cluster.Start("h2");
        cluster.Train(iterations: 3);

        Assert.Empty(machines.Orders);
    }

    [Fact]
    public void SiloLost_N4M2_ItsTrainersTrain_IsNotAskedForWhileItMayComeBack()
    {
        var (cluster, machines) = Create(standbys: 0);

        cluster.KillSilo("h2");
        cluster.RunFor(25_000);
        Assert.Equal((JobPhase.Running, 0), (cluster.Phase, cluster.Status.MachineRequests.Length));

        cluster.RunUntil(() => machines.Orders.Count == 1, "a request after the grace of the silo", 20_000);
        cluster.Train(iterations: 3);
    }

    [Fact]
    public void NoMachineToBeHad_N4M2_KeepsWhatThereIs_SaysSo_AndGoesOnWhenOneJoins()
    {
        var (cluster, machines) = Create(standbys: 0);
        var committed = cluster.Status.Committed;
        machines.Refusals = 4;

        cluster.KillHost("h2");
        cluster.RunUntil(() => cluster.Status.MachineRequests is [{ Attempt: 3, State: MachineRequestState.Pausing }], "three attempts in vain", 60_000);
        Assert.Equal(JobPhase.Replacing, cluster.Phase);
        Assert.StartsWith(
            "waiting for a host for position 1: attempt 3 to get h2 failed: quota exceeded; next attempt after 20 s",
            cluster.Status.Reason, StringComparison.Ordinal);
        Assert.Equal("asking the cloud", cluster.Status.MachineRequests[0].Output);
        Assert.All(cluster.Hosts.Where(host => host.Silo is not null), host => Assert.NotEmpty(host.Memory.Inventory()));
        cluster.RunUntil(JobPhase.Running, 120_000);
        cluster.Train(iterations: 3);

        // Each refusal takes 0.5 s. Then pauses of 5, 10, 20 and 40 s follow, observed at the next tick.
        var pauses = machines.Orders.Zip(machines.Orders.Skip(1), (one, next) => (next.At - one.At - 500) / 1_000);
        Assert.Equal([5, 10, 20, 40], pauses);
        Assert.Equal([1, 2, 3, 4, 5], machines.Orders.Select(order => order.Attempt));
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
        Assert.Single(cluster.Status.Recoveries);
    }

    [Fact]
    public void NoMachineToBeHad_SomebodyStartsAHostOfAnotherName_GoesOnAndAsksNoMore()
    {
        // The job knows the standby s1 by name only: it was never started.
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1, options: Options(), configure: job => Wanting(job, standbys: 1));
        cluster.KillHost("s1");
        var machines = new FakeMachineOperator(cluster) { Hangs = true };
        cluster.Train(iterations: 10);

        cluster.KillHost("h2");
        cluster.RunUntil(() => machines.Orders.Count == 2, "both to be asked for", 60_000);
        cluster.Start("s1");
        cluster.Train(iterations: 3);

        Assert.Equal("s1", cluster.HostAt(1)!.Name.Value);
        Assert.Equal(["h2"], cluster.Status.MachineRequests.Select(request => request.Host.Value));
        Assert.Equal("as a standby", cluster.Status.MachineRequests[0].Reason);
    }

    [Fact]
    public void HostLost_N4M2S1_TheStandbyTakesItsPlaceAtOnce_AndThePoolIsFilledAgain()
    {
        var (cluster, machines) = Create(standbys: 1);

        cluster.KillHost("h2");
        cluster.RunUntil(() => cluster.Phase != JobPhase.Running, "the failure to be seen", 5_000);
        cluster.RunUntil(JobPhase.Running);
        Assert.Empty(machines.Orders);
        Assert.Equal("s1", cluster.HostAt(1)!.Name.Value);
        cluster.RunUntil(() => cluster["h2"].Silo is not null, "h2 to be brought up", 20_000);
        cluster.Train(iterations: 5);
        Assert.Equal(1, machines.RequestsMax);

        // There is a standby again: h2 takes over the next lost position.
        cluster.KillHost("h3");
        cluster.RunUntil(() => cluster.Phase != JobPhase.Running, "the failure to be seen", 5_000);
        cluster.RunUntil(JobPhase.Running);
        Assert.Equal("h2", cluster.HostAt(2)!.Name.Value);
    }

    [Fact]
    public void StandbyLost_N4M2S2_TrainingGoesOn_AndItIsAskedFor()
    {
        var (cluster, machines) = Create(standbys: 2);

        cluster.KillHost("s2");
        cluster.RunUntil(() => cluster["s2"].Silo is not null, "s2 to be brought up", 20_000);
        cluster.Train(iterations: 3);

        Assert.Equal("s2", Assert.Single(machines.Orders).Host.Value);
        Assert.Empty(cluster.Status.Recoveries);
    }

    [Fact]
    public void TwoHostsLost_N4M2S1_OneIsReplacedByTheStandby_BothAreAskedFor_NeverMoreThanAreMissing()
    {
        var (cluster, machines) = Create(standbys: 1);
        var committed = cluster.Status.Committed;

        cluster.KillHost("h2");
        cluster.KillHost("h4");
        cluster.RunUntil(JobPhase.Replacing);
        cluster.Train(iterations: 3);
        cluster.RunUntil(() => cluster.Status.MachineRequests.IsEmpty, "the pool to be full", 60_000);

        Assert.Equal(["h2", "h4"], machines.Orders.Select(order => order.Host.Value).Order());
        Assert.Equal(2, machines.RequestsMax);
        Assert.Contains("s1", Enumerable.Range(0, 4).Select(position => cluster.HostAt(position)!.Name.Value));
        Assert.True(cluster.LastRecovery.ResumedIteration >= committed);
    }

    [Fact]
    public void RootLost_N4M2_WhileARequestIsOut_TheNextOneAsksAnew()
    {
        var (cluster, machines) = Create(standbys: 0);
        machines.Hangs = true;

        cluster.KillHost("h2");
        cluster.RunUntil(() => machines.Orders.Count == 1, "the request", 20_000);
        cluster.KillRoot();
        machines.Hangs = false;
        cluster.Train(iterations: 3);

        Assert.Equal([(new HostName("h2"), 1), (new HostName("h2"), 1)], machines.Orders.Select(order => (order.Host, order.Attempt)));
        Assert.Single(cluster.Status.Recoveries);
    }

    [Fact]
    public void RootsOwnHostLost_N4M2_TheNextRootAsksForIt()
    {
        var (cluster, machines) = Create(standbys: 0);
        var root = cluster.RootHost;

        cluster.KillHost(root.Value);
        cluster.Train(iterations: 3);

        Assert.Equal(root, Assert.Single(machines.Orders).Host);
    }

    [Fact]
    public void NobodyCanBeAsked_N4M2_SaysWhatToDo()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2);
        cluster.Train(iterations: 3);

        cluster.KillHost("h2");
        cluster.RunUntil(JobPhase.Replacing);

        Assert.StartsWith(
            "waiting for a host for position 1: start a standby, or the lost host again", cluster.Status.Reason, StringComparison.Ordinal);
        Assert.Empty(cluster.Status.MachineRequests);
    }

    [Fact]
    public void JobEnds_WhileAStandbyIsAskedFor_NothingIsAskedForAnyMore()
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys: 1, total: 60, options: Options(), configure: job => Wanting(job, standbys: 1));
        var machines = new FakeMachineOperator(cluster) { Hangs = true };
        cluster.Train(iterations: 3);

        cluster.KillHost("s1");
        cluster.RunUntil(() => machines.Orders.Count == 1, "the request", 20_000);
        cluster.RunUntil(JobPhase.Completed);

        Assert.Empty(cluster.Status.MachineRequests);
    }

    private static (SimulatedJob Cluster, FakeMachineOperator Machines) Create(int standbys)
    {
        var cluster = new SimulatedJob(hosts: 4, replicas: 2, standbys, options: Options(), configure: job => Wanting(job, standbys));
        var machines = new FakeMachineOperator(cluster);
        cluster.Train(iterations: 10);
        return (cluster, machines);
    }

    /// <summary>The job wants its standbys to be present.</summary>
    private static JobSpec Wanting(JobSpec job, int standbys) =>
        job with { Standbys = [.. Enumerable.Range(1, standbys).Select(index => new HostName($"s{index}"))] };

    private static CoordinatorOptions Options() => new() { Machines = new MachineOptions() };

    /// <summary>
    /// The grace counts from the loss, and the text shows the rest from the moment of detection: they differ by tenths of a second.
    /// </summary>
    private static string Stable(string reason) => System.Text.RegularExpressions.Regex.Replace(reason, "within 4[.][0-9]+ s", "within 5 s");
}
