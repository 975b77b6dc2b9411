using System.Collections.Concurrent;
using System.Reflection;
using Gemini.Grains.Hosting;
using Gemini.Grains.Hosts;
using Gemini.Grains.Tests.Hosting;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Orleans.TestingHost;

namespace Gemini.Grains.Tests.Hosts;

/// <summary><see cref="WorkerAgentGrain"/> on silos that are named like their hosts. What the agent does: see <see cref="WorkerAgentTests"/>.</summary>
public sealed class WorkerAgentGrainTests(OneSiloPerHostCluster cluster) : IClassFixture<OneSiloPerHostCluster>
{
    [Fact]
    public async Task Calls_ReachTheAgentOfTheHostInTheKey()
    {
        foreach (var host in cluster.Hosts)
        {
            var membership = await Grain(host).JoinAsync(0);
            await Grain(host).SealAsync(new Rank(0), Jobs.Snapshot(7), new ContentHash(1));

            Assert.Equal(host, membership!.Host);
            Assert.Contains("seal 0 7@1", cluster.AgentOf(host).Calls);
        }
    }

    /// <summary>The grain is only an address: it passes on every call as it is, and returns the answer of the host's agent.</summary>
    [Fact]
    public async Task EveryCall_IsPassedOn()
    {
        var (grain, agent) = (Grain(cluster.Hosts[1]), cluster.AgentOf(cluster.Hosts[1]));
        var (rank, epoch, snapshot) = (new Rank(3), new Epoch(2), Jobs.Snapshot(9, epoch: 2));
        agent.Calls.Clear();

        var report = await grain.DirectAsync(new HostDirective { Version = new DirectiveVersion(epoch, DirectiveStep.Halt) });
        await grain.CommitAsync(epoch, new Iteration(8));
        await grain.AbandonAsync(epoch, new Iteration(9));
        await grain.DeclareShardAsync(rank, 1000);
        Assert.Null(await grain.GetRestorePointAsync(rank, epoch));
        await grain.LoadedAsync(rank, epoch);
        Assert.True(await grain.RejectCopyAsync(rank, epoch, snapshot, "it is of another model"));
        await grain.SealAsync(rank, snapshot, new ContentHash(1));
        await grain.SkipAsync(rank, snapshot);
        Assert.True(await grain.StagedAsync(snapshot));

        Assert.Equal(cluster.Hosts[1], report.Host);
        Assert.Equal(
            [
                "direct 2.Halt", "commit 8@2", "abandon 9@2", "declare 3 1000", "restore point 3 after 2", "loaded 3 2",
                "reject 3 9@2 it is of another model", "seal 3 9@2", "skip 3 9@2", "staged 9@2",
            ],
            agent.Calls);
    }

    /// <summary>
    /// The call guard of a silo reads from the method who may call it. The methods are those of an interface without Orleans, and a call of the grain
    /// must still name them.
    /// </summary>
    [Fact]
    public async Task Call_NamesTheMethodThatSaysWhoMayCallIt()
    {
        var methods = new ConcurrentBag<MethodInfo>();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((options, silo) => silo.AddJob(cluster.Job, options.SiloName).AddMemoryGrainStorage(GeminiGrains.RecordStorage)
            .AddIncomingGrainCallFilter(call =>
            {
                methods.Add(call.InterfaceMethod);
                return call.Invoke();
            }));
        await using var one = builder.Build();
        await one.DeployAsync();
        var agent = one.Client.GetGrain<IWorkerAgent>(one.Silos[0].Name);

        await agent.StagedAsync(Jobs.Snapshot(1));
        await agent.CommitAsync(new Epoch(1), new Iteration(1));

        Assert.Contains(typeof(ITrainerService).GetMethod(nameof(ITrainerService.StagedAsync)), methods);
        Assert.Contains(typeof(IWorkerService).GetMethod(nameof(IWorkerService.CommitAsync)), methods);
    }

    /// <summary>A second check, after the placement of the grain: the silo is named like the host, but its agent is that of another one.</summary>
    [Fact]
    public async Task SiloOfAnotherHost_DoesNotAnswerForThisOne()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.AddJob(cluster.Job, host: "another").AddMemoryGrainStorage(GeminiGrains.RecordStorage));
        await using var wrong = builder.Build();
        await wrong.DeployAsync();
        var named = new HostName(wrong.Silos[0].Name);

        var error = await Assert.ThrowsAsync<HostUnavailableException>(() => wrong.Client.GetGrain<IWorkerAgent>(named.Value).JoinAsync(0));

        Assert.Equal(named, error.Host);
    }

    [Fact]
    public async Task CallsFromEverySilo_ReachTheSameHost()
    {
        var host = cluster.Hosts[0];
        foreach (var silo in cluster.Cluster.Silos)
        {
            var grains = (IGrainFactory)cluster.Cluster.GetSiloServiceProvider(silo.SiloAddress).GetService(typeof(IGrainFactory))!;
            await grains.GetGrain<IWorkerAgent>(host.Value).DeclareShardAsync(new Rank(0), silo.SiloAddress.Endpoint.Port);
            Assert.Contains($"declare 0 {silo.SiloAddress.Endpoint.Port}", cluster.AgentOf(host).Calls);
        }
    }

    /// <summary>A call that waits in vain for an answer ends with another exception, a <see cref="TimeoutException"/>.</summary>
    [Fact]
    public async Task UnknownHost_IsUnavailable_WithoutAWaitForAnAnswer()
    {
        var error = await Assert.ThrowsAsync<HostUnavailableException>(() => Grain(new HostName("nobody")).JoinAsync(0));

        Assert.Equal(new HostName("nobody"), error.Host);
    }

    private IWorkerAgent Grain(HostName host) => cluster.Grains.GetGrain<IWorkerAgent>(host.Value);
}
