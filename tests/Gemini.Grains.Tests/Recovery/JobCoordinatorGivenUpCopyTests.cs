using Gemini.Interfaces.Model;
using Gemini.Simulation.Fakes;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The owner's copy of a pending snapshot is bad before any other copy is made: found by simulation seed 32.</summary>
public sealed class JobCoordinatorGivenUpCopyTests
{
    [Fact]
    public void PendingSnapshot_OwnersCopyGivenUpBeforeItIsReplicated_IsAbandonedAndLaterOnesAreCommitted()
    {
        var cluster = new FakeCluster(hosts: 3, replicas: 2);
        cluster.Train(3);
        // All ranks wait for one snapshot, and only the owners hold its shards.
        cluster.HoldsReplication = true;
        cluster.RunFor(1000);
        var owner = cluster["h1"];
        var pending = owner.Memory.Of(new Rank(0)).Max(replica => replica.Snapshot);
        Assert.True(pending.Iteration > cluster.Status.Committed);
        owner.Memory.Rot(new Rank(0), pending);
        Assert.Null(owner.Memory.Read(new Rank(0), pending));

        cluster.HoldsReplication = false;
        cluster.Train(5);

        Assert.Equal(1, cluster.Root.Store.Epoch.Value);
        Assert.DoesNotContain(cluster.Hosts.SelectMany(host => host.Memory.All), replica => replica.Snapshot == pending);
    }
}
