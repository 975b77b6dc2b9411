using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>Copies that the placement does not assign to this host: one slot each. They never take the room of copies that it does assign.</summary>
public sealed class GuestTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly TestMemory _files = new();

    private HostMemory Memory => _files.Memory;

    [Fact]
    public void Guest_TakesOneSlot_OnlyAFetchWritesIt_AndItIsInTheInventory()
    {
        Assert.Null(Memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 0));
        Assert.Equal(SegmentLayout.FileBytes(PayloadBytes, ChunkBytes), Memory.MemoryBytes);
        Assert.Equal(ReceiveRefusal.UnknownShard, Memory.TryBeginReceive(Request(0, Snapshot(5))).Refusal);

        Receive(Snapshot(5));

        Assert.Equal(Snapshot(5), Assert.Single(Memory.Inventory()).Snapshot);
        Assert.True(Memory.HasGuests);
    }

    [Fact]
    public void Guest_OutlivesTheReleaseOfTheRest_UntilGuestsAreReleased()
    {
        Memory.EnsureShard(new Rank(1), PayloadBytes);
        Memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 0);
        Receive(Snapshot(5));

        Memory.ReleaseExcept(new HashSet<Rank>());
        Assert.Equal(Zero, Assert.Single(Memory.Inventory()).Owner);

        Memory.ReleaseGuests();
        Assert.Equal(0, Memory.MemoryBytes);
        Assert.Empty(Directory.GetFiles(_files.Paths.Directory));
    }

    [Fact]
    public void Guest_OfAPlacedShard_LeavesItAsItIs()
    {
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        Assert.Null(Memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 0));
        Memory.ReleaseGuests();
        Assert.Equal(HostMemory.BytesFor(PayloadBytes, ChunkBytes), Memory.MemoryBytes);
    }

    [Fact]
    public void Guest_ThatIsPlacedLater_GetsItsOtherSlotAndKeepsItsCopy()
    {
        Memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 0);
        Receive(Snapshot(5));
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        Memory.ReleaseGuests();
        Assert.Equal(Snapshot(5), Assert.Single(Memory.Inventory()).Snapshot);
        Assert.Equal(HostMemory.BytesFor(PayloadBytes, ChunkBytes), Memory.MemoryBytes);
    }

    [Fact]
    public void Guest_OfAnEarlierSilo_IsAdoptedAndCanBeReadAndTakenInAgain()
    {
        Memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 0);
        Receive(Snapshot(5));
        var memory = _files.Restart();
        memory.Adopt();
        Assert.Equal(Snapshot(5), Assert.Single(memory.Inventory()).Snapshot);
        Assert.Null(memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 0));
        Assert.Equal(Snapshot(5), Assert.Single(memory.Inventory()).Snapshot);
    }

    [Fact]
    public void Guest_BesideWhatThePositionNeeds_IsRefusedWithNumbers()
    {
        var slotBytes = SegmentLayout.FileBytes(PayloadBytes, ChunkBytes);
        using var files = new TestMemory(limitBytes: 4 * slotBytes);
        Assert.Null(files.Memory.TryEnsureGuest(Zero, PayloadBytes, ownNeedBytes: 2 * slotBytes));
        Assert.Null(files.Memory.TryEnsureGuest(new Rank(1), PayloadBytes, ownNeedBytes: 2 * slotBytes));
        var refusal = files.Memory.TryEnsureGuest(new Rank(2), PayloadBytes, ownNeedBytes: 2 * slotBytes);
        Assert.StartsWith($"a guest's copy needs {slotBytes} bytes", refusal);
        Assert.Contains("0 bytes (0.0 MiB) are free for guests", refusal);
        // The host's own position still has its room.
        files.Memory.EnsureShard(new Rank(3), PayloadBytes, ShardRole.Own);
        Assert.Equal(4 * slotBytes, files.Memory.MemoryBytes);
    }

    public void Dispose() => _files.Dispose();

    private void Receive(SnapshotId snapshot)
    {
        var request = Request(0, snapshot, keep: snapshot.Iteration.Value) with { Origin = ReceiveOrigin.Fetch };
        using var lease = Memory.TryBeginReceive(request).Lease!;
        TestMemory.Receive(lease);
        Assert.Equal(SealOutcome.Sealed, lease.Seal(lease.Slot.Segment.HashOfChunkTable()));
    }
}
