using Gemini.Cluster.Tests.Formats;
using Gemini.Cluster.Tests.Harness;
using Gemini.Interfaces.Model;

namespace Gemini.Cluster.Tests.ByHand;

/// <summary>
/// Copies that are lost or rotten, with real processes. Lost copies are made again on present hosts. Rotten copies are found and named, and another
/// copy is used.
/// </summary>
public sealed class RepairTests
{
    private const long Iterations = 250;

    [Fact(Explicit = true)]
    public async Task HostsLostOneAfterTheOther_N3M2_NoStandbyNoStorage_TheLastOneHoldsWhatTheOthersHeld()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, Iterations);
        await cluster.TrainsAsync(committed: 20);

        await DieAsync(cluster, "host-a");
        var exposed = await cluster.WaitAsync(
            status => status.Phase == JobPhase.Replacing && status.Redundancy.LeastCopies == 2, "two copies of every shard on the two hosts left");
        Assert.False(exposed.Redundancy.Exposed);
        Assert.InRange(exposed.Redundancy.ExposedMilliseconds, 1, 60_000);
        Assert.Contains("waiting for a host for position 0", exposed.Reason);

        // Rank 0 had its copies on the hosts a and b, and both are lost now.
        await DieAsync(cluster, "host-b");
        cluster.StartHost("host-a");
        cluster.StartHost("host-b");
        var finished = await cluster.WaitAsync(status => status.Phase == JobPhase.Completed, "the end of the job");

        var recovery = Assert.Single(finished.Recoveries);
        Assert.Equal(CopySource.Peer, recovery.Source);
        Assert.InRange(recovery.ResumedIteration.Value, 20, Iterations);
        // The job was redundant again after the second loss. Perhaps guests on the first returned host achieved this before the other host was back.
        Assert.InRange(recovery.RedundantAt, exposed.Recoveries[^1].RedundantAt + 1, long.MaxValue);
        Assert.InRange(recovery.ExposedMilliseconds, exposed.Redundancy.ExposedMilliseconds, long.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"exposed {exposed.Redundancy.ExposedMilliseconds} ms until the guests were there, {recovery.ExposedMilliseconds} ms in all");
        Assert.Contains(cluster.Shell("host-c").Output.All, line => line.Contains("Discarded the guest copies of", StringComparison.Ordinal));
        Assert.Equal(await Reference.RunAsync(folders, Iterations), finished.CommittedHashes);
    }

    [Fact(Explicit = true)]
    public async Task BitsFlipped_N3M3_InAnOwnAndInAPeersCopy_AreNamedAndTheThirdCopyIsUsed()
    {
        using var folders = new TestFolders();
        await using var cluster = await HandMadeCluster.StartAsync(folders, Iterations, json => json["job"]!["replicas"] = 3);
        var before = await cluster.TrainsAsync(committed: 20);
        foreach (var name in HandMadeCluster.Names) HandMadeCluster.Kill(LivingPartsOf(before, name));
        foreach (var name in HandMadeCluster.Names) await cluster.Shell(name).ExitAsync(Limits.Stop);

        // Host a loses its memory, so rank 0 has only peers' copies, and host b's copy of it rots. Rank 1's own copy, also on host b, rots as well.
        Directory.Delete(cluster.MemoryOf("host-a"), recursive: true);
        foreach (var rank in (int[])[0, 1])
            Array.ForEach(Directory.GetFiles(cluster.MemoryOf("host-b"), $"rank-{rank:d5}.slot-*"), SegmentFile.FlipBit);
        foreach (var name in HandMadeCluster.Names) cluster.StartHost(name);
        var finished = await cluster.WaitAsync(status => status.Phase == JobPhase.Completed, "the end of the job");

        Assert.Equal(CopySource.Peer, finished.Recoveries[^1].Source);
        Assert.InRange(finished.Recoveries[^1].ResumedIteration.Value, before.Committed.Value, Iterations);
        // The copies that the recovery checked. On a slow machine also the other slots, which the scrub may have checked by then.
        Assert.Equal([0, 1], finished.Quarantined.Select(copy => copy.Owner.Value).Distinct().Order());
        Assert.All(finished.Quarantined, copy => Assert.Equal(new HostName("host-b"), copy.Host));
        Assert.All((int[])[0, 1], rank => Assert.Contains(
            cluster.Shell("host-b").Output.All, line => line.Contains($"The copy of shard {rank} of snapshot", StringComparison.Ordinal)));
        Assert.Equal(await Reference.RunAsync(folders, Iterations), finished.CommittedHashes);
    }

    private static async Task DieAsync(HandMadeCluster cluster, string name)
    {
        var status = await cluster.WaitAsync(status => status.Hosts.Any(host => host.Report.Host.Value == name && host.Alive), $"{name} in the status");
        await cluster.LoseAsync(LivingPartsOf(status, name));
    }

    /// <summary>The host's report without the trainers that have no process at the moment.</summary>
    private static HostReport LivingPartsOf(JobStatus status, string name)
    {
        var report = HandMadeCluster.ReportOf(status, name);
        return report with { Trainers = report.Trainers.RemoveAll(trainer => trainer.ProcessId == 0) };
    }
}
