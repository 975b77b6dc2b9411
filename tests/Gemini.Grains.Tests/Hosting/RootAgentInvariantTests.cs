using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Orleans.Runtime;

namespace Gemini.Grains.Tests.Hosting;

/// <summary>Has its own cluster: every root agent that comes up begins another epoch.</summary>
public sealed class RootAgentInvariantTests(OneSiloPerHostCluster cluster) : IClassFixture<OneSiloPerHostCluster>
{
    private IRootAgent Root => cluster.Grains.GetGrain<IRootAgent>(cluster.Job.Name);

    /// <summary>
    /// The state of the activation is wrong, so it ends. The next activation starts from the record. The caller has made no mistake and continues.
    /// </summary>
    [Fact]
    public async Task InvariantIsViolated_TheActivationEnds_AndTheNextOneStartsFromTheRecord()
    {
        foreach (var host in cluster.Hosts) await Root.ReportAsync(cluster.AgentOf(host).Report());
        var before = await Root.GetStatusAsync();
        Assert.NotEqual(JobPhase.Forming, before.Phase);

        var error = await Assert.ThrowsAsync<OrleansException>(() => Root.GroupCompleteAsync(0, before.Epoch, Jobs.Snapshot(1), []));

        Assert.Contains("group 0 is complete without a shard", error.Message);
        JobStatus after;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            after = await Root.GetStatusAsync();
        }
        while (after.Phase != JobPhase.Forming);

        Assert.Equal(before.Epoch, after.Epoch);
    }
}
