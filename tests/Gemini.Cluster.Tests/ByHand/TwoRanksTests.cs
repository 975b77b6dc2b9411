using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>Two trainers on every host: each has its own shard, and the loss of a host is the loss of both shards.</summary>
public sealed class TwoRanksTests
{
    [Fact(Explicit = true)]
    public async Task Hosts_N3M2R2_TrainerThenHostThenSiloDies_RecoversLocallyThenFromPeersThenNotAtAll()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, iterations: 100_000, json => json["job"]!["ranksPerHost"] = 2);
        var start = await cluster.TrainsAsync(committed: 5);

        // Kill one of two trainers: both shards of its host are still in the host's own memory.
        ProcessTable.Kill(HandMadeCluster.ReportOf(start, "host-b").Trainers[1].ProcessId);
        var local = await cluster.RecoveredAsync(recoveries: 1);
        Assert.Equal((FailureKind.Software, CopySource.Local), (local.Recoveries[^1].Kind, local.Recoveries[^1].Source));

        // Kill a host and its memory: both of its shards come from peers.
        await cluster.LoseAsync(HandMadeCluster.ReportOf(local, "host-c"));
        cluster.StartHost("host-c");
        var peer = await cluster.RecoveredAsync(recoveries: 2);
        Assert.Equal((FailureKind.Hardware, CopySource.Peer), (peer.Recoveries[^1].Kind, peer.Recoveries[^1].Source));
        Assert.Equal(2, peer.Recoveries[^1].Ranks.Count(rank => rank.Source == CopySource.Peer));

        // Kill only a silo: the next silo adopts both trainers, and training continues.
        var before = HandMadeCluster.ReportOf(peer, "host-a");
        ProcessTable.Kill(before.SiloProcessId);
        await cluster.Shell("host-a").ExitAsync(Limits.Stop);
        cluster.StartHost("host-a");
        var adopted = await cluster.WaitAsync(
            status => status.Committed.Value > peer.Committed.Value + 5 && HandMadeCluster.ReportOf(status, "host-a") is var report
                && report.SiloProcessId != before.SiloProcessId && report.Trainers.All(trainer => trainer.State == TrainerState.Training),
            "host-a to be back with both trainers");
        Assert.Equal(peer.Epoch, adopted.Epoch);
        Assert.Equal(Processes(before), Processes(HandMadeCluster.ReportOf(adopted, "host-a")));
    }

    private static IEnumerable<int> Processes(HostReport report) => report.Trainers.Select(trainer => trainer.ProcessId).Order();
}
