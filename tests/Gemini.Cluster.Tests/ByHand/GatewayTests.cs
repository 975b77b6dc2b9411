using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>A client that knows only the address of a gateway and the job's name. The trainers beside it know the secret.</summary>
public sealed class GatewayTests
{
    [Fact]
    public async Task Stranger_ReadsTheStatus_AndIsRefusedAllElse()
    {
        var gateway = 0;
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 100_000, json => gateway = Port(json, gateway));
        var before = await cluster.TrainsAsync(committed: 5);
        using var stranger = await ConnectAsync(gateway);
        var grains = stranger.Services.GetRequiredService<IClusterClient>();
        var (root, agent, group) =
            (grains.GetGrain<IRootAgent>("by-hand"), grains.GetGrain<IWorkerAgent>("host-b"), grains.GetGrain<ICheckpointGroup>("by-hand/group-0"));

        Assert.Equal(before.Epoch, (await root.GetStatusAsync()).Epoch);
        await root.GetCommitRecordAsync();
        var halt = new HostDirective { Version = new DirectiveVersion(new Epoch(1_000_000), DirectiveStep.Halt), Position = new HostPosition(0) };
        Task[] forbidden =
        [
            agent.GetRestorePointAsync(new Rank(0), before.Epoch),
            agent.RejectCopyAsync(new Rank(0), before.Epoch, new SnapshotId(before.Committed, before.Epoch), "a lie"),
            agent.SkipAsync(new Rank(0), new SnapshotId(new Iteration(before.Committed.Value + 20), before.Epoch)),
            agent.DirectAsync(halt),
            agent.CommitAsync(before.Epoch, new Iteration(1_000_000)),
            agent.AbandonAsync(before.Epoch, new Iteration(1_000_000)),
            root.ReportAsync(before.Hosts[0].Report with { Sequence = long.MaxValue }),
            root.GroupCompleteAsync(0, before.Epoch, new SnapshotId(new Iteration(1_000_000), before.Epoch), []),
            root.GroupSkippedAsync(0, before.Epoch, new Iteration(1_000_000)),
            group.AnnounceAsync(new HostPosition(0), before.Epoch, [], [new Iteration(1_000_000)]),
            group.GetLedgerAsync(),
            grains.GetGrain<IManagementGrain>(0).GetHosts(),
            grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero),
        ];
        foreach (var call in forbidden)
        {
            var refused = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => call);
            Assert.Contains("the caller has not proved that it is one", refused.Message, StringComparison.Ordinal);
        }

        // Nothing has changed. Trainers and silos can still make all these calls.
        var after = await cluster.WaitAsync(status => status.Committed.Value >= before.Committed.Value + 50, "training to go on");
        Assert.Equal((before.Epoch, JobPhase.Running), (after.Epoch, after.Phase));
        Assert.Empty(after.Recoveries);
        var lines = HandMadeCluster.Names.SelectMany(name => cluster.Shell(name).Output.All).Where(line => line.Contains("of this job. Since the last such line,")).ToList();
        Assert.True(lines.All(line => line.Contains("sys.client/", StringComparison.Ordinal)), string.Join('\n', lines));
        Assert.InRange(lines.Count, 1, HandMadeCluster.Names.Count * 2);
    }

    /// <summary>The port of the first host.</summary>
    private static int Port(JsonNode host, int known) => known != 0 ? known : (int)host["host"]!["gatewayPort"]!;

    private static async Task<IHost> ConnectAsync(int gateway)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, gateway));
            client.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = "gemini-by-hand");
        });
        var host = builder.Build();
        await host.StartAsync().WaitAsync(Limits.Start);
        return host;
    }
}
