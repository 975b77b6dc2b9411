using CsCheck;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>Which peer may write a slot, which slot it gets, and what may be sealed.</summary>
public sealed class ReceivingTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly TestMemory _host = new();

    public ReceivingTests() => Memory.EnsureShard(Zero, PayloadBytes);

    private HostMemory Memory => _host.Memory;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Receive_Whole_SealsAnnouncesAndVerifies()
    {
        List<Replica> announced = [];
        Memory.Sealed += announced.Add;
        var hash = ReceiveAndSeal(Snapshot(1));
        Assert.Equal(new Replica(Zero, Snapshot(1), hash, PayloadBytes), Assert.Single(announced));
        Assert.True(Memory.Verify(Zero, Snapshot(1), hash, out _));
        var again = Memory.TryBeginReceive(Request(0, Snapshot(1)));
        Assert.Equal((ReceiveRefusal.AlreadyHeld, hash), (again.Refusal, again.Hash));
    }

    /// <summary>The slots hold iterations a and b (0: none). A receive of iteration 9 with this keep must overwrite the expected slot.</summary>
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(5, 0, 0, 1)]
    [InlineData(0, 5, 5, 0)]
    [InlineData(4, 5, 4, 1)]
    [InlineData(4, 5, 5, 0)]
    [InlineData(4, 5, 0, 0)]
    [InlineData(5, 4, 3, 1)]
    [InlineData(5, 4, 8, 1)]
    public void TryBeginReceive_SlotsInUse_NeverTakesTheCommittedOrNewestOne(int slot0, int slot1, int keep, int expected)
    {
        if (slot0 > 0) _host.Capture(Zero, 0, Snapshot(slot0));
        if (slot1 > 0) _host.Capture(Zero, 1, Snapshot(slot1));
        using var lease = Memory.TryBeginReceive(Request(0, Snapshot(9), keep)).Lease!;
        Assert.Equal(expected, lease.Slot.Index);
    }

    [Fact]
    public void TryBeginReceive_AnySequence_NeverLosesTheCommittedSnapshot()
    {
        // Each step is a receive of the next iteration that breaks off (0), seals (1), or seals and is committed (2).
        Gen.Int[0, 2].Array[1, 12].Sample(
            steps =>
            {
                Memory.DiscardAll();
                var (iteration, committed) = (0, 0);
                foreach (var step in steps)
                {
                    iteration++;
                    using (var lease = Memory.TryBeginReceive(Request(0, Snapshot(iteration), committed)).Lease!)
                    {
                        if (step == 0) continue;
                        Receive(lease);
                        Assert.Equal(SealOutcome.Sealed, lease.Seal(lease.Slot.Segment.HashOfChunkTable()));
                    }

                    if (step == 2) committed = iteration;
                    if (committed > 0) Assert.Contains(Memory.Inventory(), copy => copy.Snapshot.Iteration.Value == committed);
                }
            },
            iter: 100, threads: 1);
    }

    [Fact]
    public void TryBeginReceive_WrongRequest_IsRefusedForItsReason()
    {
        Memory.EnsureShard(new Rank(1), PayloadBytes, ShardRole.Own);
        Memory.RaiseEpochFloor(new Epoch(3));
        var good = Request(0, Snapshot(1, epoch: 3));
        Assert.Equal(ReceiveRefusal.StaleEpoch, Refusal(good with { Epoch = new Epoch(2) }));
        Assert.Equal(ReceiveRefusal.StaleEpoch, Refusal(good with { Snapshot = Snapshot(1, epoch: 4) }));
        Assert.Equal(ReceiveRefusal.UnknownShard, Refusal(good with { Owner = new Rank(7) }));
        Assert.Equal(ReceiveRefusal.OwnShard, Refusal(good with { Owner = new Rank(1) }));
        Assert.Equal(ReceiveRefusal.SizeMismatch, Refusal(good with { PayloadBytes = PayloadBytes + 1 }));
        Assert.Equal(ReceiveRefusal.SizeMismatch, Refusal(good with { ChunkBytes = 2 * ChunkBytes }));
        Assert.Equal(ReceiveRefusal.None, Refusal(good with { Owner = new Rank(1), Origin = ReceiveOrigin.Fetch }));
        Assert.Equal(ReceiveRefusal.None, Refusal(good));
    }

    [Fact]
    public void TryBeginReceive_NewerRequest_EndsTheRunningOne()
    {
        using var first = Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease!;
        Assert.Equal(ReceiveRefusal.Busy, Refusal(Request(0, Snapshot(1))));
        Assert.True(first.Revoked.IsCancellationRequested);
        Assert.Equal(ChunkOutcome.Stale, first.CompleteChunk(0, 0));
        first.Dispose();
        using var second = Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease;
        Assert.NotNull(second);
    }

    [Fact]
    public void TryBeginReceive_OlderEpoch_DoesNotEndTheRunningOne()
    {
        using var running = Memory.TryBeginReceive(Request(0, Snapshot(1), epoch: 5)).Lease!;
        Assert.Equal(ReceiveRefusal.Busy, Refusal(Request(0, Snapshot(1), epoch: 4)));
        Assert.False(running.Revoked.IsCancellationRequested);
    }

    [Fact]
    public void TryBeginReceive_SlotBeingRead_IsNotTaken()
    {
        _host.Capture(Zero, 0, Snapshot(1));
        _host.Capture(Zero, 1, Snapshot(2));
        using (Memory.TryRead(Zero, Snapshot(1))) Assert.Equal(ReceiveRefusal.Busy, Refusal(Request(0, Snapshot(3), keep: 2)));
        Assert.Equal(ReceiveRefusal.None, Refusal(Request(0, Snapshot(3), keep: 2)));
    }

    [Fact]
    public void RaiseEpochFloor_DuringAReceive_EndsItAndNeverFalls()
    {
        using var lease = Memory.TryBeginReceive(Request(0, Snapshot(1), epoch: 2)).Lease!;
        Receive(lease);
        Memory.RaiseEpochFloor(new Epoch(2));
        Assert.False(lease.Revoked.IsCancellationRequested);
        Memory.RaiseEpochFloor(new Epoch(3));
        Memory.RaiseEpochFloor(new Epoch(1));
        Assert.Equal(new Epoch(3), Memory.EpochFloor);
        Assert.True(lease.Revoked.IsCancellationRequested);
        Assert.Equal(SealOutcome.Stale, lease.Seal(lease.Slot.Segment.HashOfChunkTable()));
        lease.Dispose();
        Assert.Empty(Memory.Inventory());
    }

    [Fact]
    public void CompleteChunk_WrongBytes_IsRefusedAndTheSlotEndsFree()
    {
        using (var lease = Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease!)
        {
            lease.Chunk(0).Span.Fill(1);
            Assert.Equal(ChunkOutcome.HashMismatch, lease.CompleteChunk(0, 42));
            Assert.Throws<ArgumentOutOfRangeException>(() => lease.CompleteChunk(1, 42));
            Assert.Equal(SealOutcome.Incomplete, lease.Seal(default));
        }

        using var slot = _host.Trainer(Zero, 0);
        Assert.Equal(SegmentState.Free, slot.Segment.State);
    }

    [Fact]
    public void Seal_OtherHashThanAnnounced_IsRefused()
    {
        using var lease = Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease!;
        Receive(lease);
        Assert.Equal(SealOutcome.HashMismatch, lease.Seal(new ContentHash(1)));
        Assert.Empty(Memory.Inventory());
    }

    [Fact]
    public void Dispose_ReceiveRunning_MappingOutlivesTheMemory()
    {
        var lease = Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease!;
        Memory.Dispose();
        Assert.True(lease.Revoked.IsCancellationRequested);
        lease.Chunk(0).Span.Fill(1);
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => lease.Chunk(0).Span.Length);
    }

    private ReceiveRefusal Refusal(in ReceiveRequest request)
    {
        var attempt = Memory.TryBeginReceive(request);
        attempt.Lease?.Dispose();
        return attempt.Refusal;
    }

    private ContentHash ReceiveAndSeal(SnapshotId snapshot)
    {
        using var lease = Memory.TryBeginReceive(Request(0, snapshot)).Lease!;
        Receive(lease);
        var hash = lease.Slot.Segment.HashOfChunkTable();
        Assert.Equal(SealOutcome.Sealed, lease.Seal(hash));
        return hash;
    }
}
