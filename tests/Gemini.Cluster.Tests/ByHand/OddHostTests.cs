using System.Text.Json.Nodes;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>One host has a wrong file: that host gets the reason and ends, and no other host is harmed.</summary>
public sealed class OddHostTests
{
    private const int BadInput = 2;

    [Fact(Explicit = true)]
    public async Task Host_WithAnotherSpecification_UpFirst_IsRefused_AndTheOthersResume()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 100_000);
        var before = await cluster.TrainsAsync(committed: 5);

        // A second host-b on this machine, with its own ports: somebody copied the file and forgot to change the name.
        var ports = (string[])["siloPort", "gatewayPort", "dataPort", "webPort"];
        await RefusedAsync(cluster, "host-b", json => Array.ForEach(ports, port => json["host"]![port] = TestPorts.Free.Next()), "runs on this machine already");
        foreach (var name in HandMadeCluster.Names) cluster.Shell(name).Interrupt();
        foreach (var name in HandMadeCluster.Names) Assert.Equal(0, await cluster.Shell(name).ExitAsync(Limits.Stop));

        await RefusedAsync(
            cluster, "host-a", json => json["job"]!["replicas"] = 3, "job.replicas is \"2\" in the job's record and \"3\" in this host's configuration");
        foreach (var name in HandMadeCluster.Names) cluster.StartHost(name);

        var after = await cluster.WaitAsync(
            status => status.Phase == JobPhase.Running && status.Committed > before.Committed, "the right hosts to go on");
        Assert.InRange(after.Recoveries[^1].ResumedIteration.Value, before.Committed.Value, after.Committed.Value);
    }

    private static async Task RefusedAsync(HandMadeCluster cluster, string name, Action<JsonNode> change, string reason)
    {
        using var odd = cluster.StartOddHost(name, change);
        Assert.Equal(BadInput, await odd.ExitAsync(Limits.Start));
        Assert.Contains(reason, Assert.Single(odd.Errors.All));
    }
}
