using Gemini.Grains.Placement;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;

namespace Gemini.Grains.Tests.Recovery;

/// <summary>Four hosts, two copies: positions 0 and 1 hold each other's shards, 2 and 3 as well.</summary>
public sealed class PositionMemoryTests
{
    private const long Payload = 1 << 20;

    private static readonly long ShardBytes = HostPaths.SlotCount * SegmentLayout.FileBytes(Payload, SegmentLayout.DefaultChunkBytes);
    private static readonly JobSpec Job = new() { Name = "job", Hosts = [new("h1"), new("h2"), new("h3"), new("h4")], Replicas = 2 };
    private static readonly PositionMemory Memory = Of(Job);
    private static readonly HostName Mover = new("s1");
    private static readonly SnapshotId Snapshot = new(new Iteration(7), new Epoch(1));

    [Fact]
    public void BytesOf_OwnAndHeldShards_TwoSlotsEach_AndStagingWithStorage()
    {
        Assert.Equal(2 * ShardBytes, Memory.BytesOf(new HostPosition(1)));
        Assert.Equal(2 * ShardBytes + ShardBytes / 2, Of(Job with { Storage = new StoragePolicy() }).BytesOf(new HostPosition(1)));
        Assert.Equal(Payload, Memory.OwnBytesOf(new HostPosition(1)));
    }

    [Fact]
    public void OtherBytes_CountsEachShardThatThePositionDoesNotHoldOnce()
    {
        Replica[] held = [Copy(0), Copy(0) with { Snapshot = new SnapshotId(new Iteration(8), new Epoch(1)) }, Copy(2)];

        Assert.Equal(ShardBytes, Memory.OtherBytes(held, new HostPosition(3)));
    }

    [Fact]
    public void Fit_NoRoomToKeepCopies_TheOnlySourceStays()
    {
        var plan = Plan(only: 0, both: 1);

        var fitted = Memory.Fit(plan, [(Mover, new HostPosition(3), 2 * ShardBytes)]);

        Assert.Equal([Mover], fitted.Shards[0].Sources);
        Assert.DoesNotContain(Mover, fitted.Shards[1].Sources);
        Assert.Equal([new Rank(0)], Memory.KeptBy(Mover, new HostPosition(3), fitted));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(null)]
    public void Fit_RoomForBoth_OrNotKnown_KeepsThePlan(int? shards)
    {
        var plan = Plan(only: 0, both: 1);

        var fitted = Memory.Fit(plan, [(Mover, new HostPosition(3), shards * ShardBytes)]);

        Assert.Equal(plan.Shards.Select(shard => shard.Sources.Length), fitted.Shards.Select(shard => shard.Sources.Length));
        Assert.Equal([new Rank(0), new Rank(1)], Memory.KeptBy(Mover, new HostPosition(3), fitted));
    }

    private static PositionMemory Of(JobSpec job) => new(job, JobPlacement.PlanOf(job), [Payload, Payload, Payload, Payload]);

    private static Replica Copy(int rank) => new(new Rank(rank), Snapshot, new ContentHash(1), Payload);

    /// <summary>The host that moves to position 3 has the only copy of one shard, and one of two copies of another shard.</summary>
    private static RecoveryPlan Plan(int only, int both) => new(
        Snapshot,
        [.. Enumerable.Range(0, 4).Select(rank => new ShardRecovery(
            Copy(rank), rank == only ? [Mover] : rank == both ? [new HostName("h2"), Mover] : [new HostName("h3")]))],
        CopySource.Peer);
}
