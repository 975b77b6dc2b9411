using Gemini.Interfaces.Model;
using Gemini.Simulation.Runs;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>The owner's copy of a pending snapshot is bad before any other copy is made: found by simulation seed 32.</summary>
public sealed class JobCoordinatorGivenUpCopyTests
{
    [Fact]
    public void PendingSnapshot_OwnersCopyGivenUpBeforeItIsReplicated_IsAbandonedAndLaterOnesAreCommitted()
    {
        var cluster = new SimulatedJob(hosts: 3, replicas: 2);
        cluster.Train(3);
        // All ranks wait for one snapshot, and only the owners hold its shards.
        cluster.World.HoldsReplication = true;
        cluster.RunFor(1000);
        var owner = cluster["h1"];
        var pending = owner.Memory.Sealed.Where(copy => copy.Owner == new Rank(0)).Max(copy => copy.Snapshot);
        Assert.True(pending.Iteration > cluster.Status.Committed);
        owner.Memory.Quarantine(new Rank(0), pending);
        owner.Silo!.Memory.NoteDamaged();

        cluster.World.HoldsReplication = false;
        cluster.Train(5);

        Assert.Equal(1, cluster.Record.Epoch.Value);
        Assert.DoesNotContain(cluster.Hosts.SelectMany(host => host.Memory.Sealed), replica => replica.Snapshot == pending);
    }
}
