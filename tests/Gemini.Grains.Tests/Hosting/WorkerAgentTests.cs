using System.Diagnostics;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Tests.Hosting;

public sealed class WorkerAgentTests(OneSiloPerHostCluster cluster) : IClassFixture<OneSiloPerHostCluster>
{
    [Fact]
    public async Task Calls_ReachTheRuntimeOfTheHostInTheKey()
    {
        foreach (var host in cluster.Hosts)
        {
            var membership = await Agent(host).JoinAsync(0);
            await Agent(host).SealAsync(new Rank(0), Jobs.Snapshot(7), new ContentHash(1));

            Assert.Equal(host, membership!.Host);
            Assert.Contains("seal 0 7@1", cluster.RuntimeOf(host).Calls);
        }
    }

    [Fact]
    public async Task CallsFromEverySilo_ReachTheSameHost()
    {
        var host = cluster.Hosts[0];
        foreach (var silo in cluster.Cluster.Silos)
        {
            var grains = (IGrainFactory)cluster.Cluster.GetSiloServiceProvider(silo.SiloAddress).GetService(typeof(IGrainFactory))!;
            await grains.GetGrain<IWorkerAgent>(host.Value).DeclareShardAsync(new Rank(0), silo.SiloAddress.Endpoint.Port);
            Assert.Contains($"declare 0 {silo.SiloAddress.Endpoint.Port}", cluster.RuntimeOf(host).Calls);
        }
    }

    [Fact]
    public async Task UnknownHost_IsUnavailableAtOnce()
    {
        var watch = Stopwatch.StartNew();

        var error = await Assert.ThrowsAsync<HostUnavailableException>(() => Agent(new HostName("nobody")).JoinAsync(0));

        Assert.Equal(new HostName("nobody"), error.Host);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed} for a host that is not there");
    }

    private IWorkerAgent Agent(HostName host) => cluster.Grains.GetGrain<IWorkerAgent>(host.Value);
}
