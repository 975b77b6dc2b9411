using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>What a host's memory promises about content: states, checks, discards, leases.</summary>
public sealed class HostMemoryTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly TestMemory _host = new();

    private HostMemory Memory => _host.Memory;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Inventory_FreeWritingSealed_HasOnlySealed()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        Assert.Empty(Memory.Inventory());

        using var trainer = _host.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        trainer.WriteChunk(0);
        Assert.Empty(Memory.Inventory());
        Assert.Null(Memory.TryRead(Zero, Snapshot(1)));

        var hash = trainer.Capture(Snapshot(1));
        Assert.Equal(new Replica(Zero, Snapshot(1), hash, PayloadBytes), Assert.Single(Memory.Inventory()));
    }

    [Fact]
    public void TryFollow_CaptureInProgress_SeesWatermarkAndThenSeal()
    {
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        using var trainer = _host.Trainer(Zero, 1);
        trainer.Begin(Snapshot(4));
        using var lease = Memory.TryFollow(Zero, Snapshot(4));
        Assert.NotNull(lease);
        Assert.Equal(0, lease.CapturedBytes);
        trainer.WriteChunk(0);
        Assert.Equal(ChunkBytes, lease.CapturedBytes);
        Assert.False(lease.IsSealed);
        var hash = trainer.Capture(Snapshot(4));
        Assert.True(lease.IsSealed && lease.StillHolds());
        Assert.Equal(hash, lease.Hash);
        Assert.Null(Memory.TryFollow(Zero, Snapshot(4, epoch: 2)));
    }

    [Fact]
    public void StillHolds_TrainerBeginsToOverwrite_SaysNo()
    {
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        using var trainer = _host.Trainer(Zero, 0);
        trainer.Capture(Snapshot(1));
        using var lease = Memory.TryRead(Zero, Snapshot(1))!;
        Assert.True(lease.StillHolds());
        trainer.Begin(Snapshot(3));
        Assert.False(lease.StillHolds());
    }

    [Fact]
    public void Verify_EverySingleFlippedBit_IsFoundAndNamed()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        var hash = _host.Capture(Zero, 0, Snapshot(1));
        using var segment = _host.Trainer(Zero, 0);
        Assert.True(Memory.Verify(Zero, Snapshot(1), hash, out _));
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var (index, bit) = (random.Next(segment.Segment.ChunkCount), random.Next(8));
            var at = random.Next(segment.Segment.Chunk(index).Length);
            segment.Segment.Chunk(index)[at] ^= (byte)(1 << bit);
            Assert.False(Memory.Verify(Zero, Snapshot(1), hash, out var badChunk));
            Assert.Equal(index, badChunk);
            segment.Segment.Chunk(index)[at] ^= (byte)(1 << bit);
        }

        Assert.True(Memory.Verify(Zero, Snapshot(1), hash, out _));
    }

    [Fact]
    public void Verify_TableOrHeaderOrSnapshotWrong_IsRefusedWithoutAChunk()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        var hash = _host.Capture(Zero, 0, Snapshot(1));
        Assert.False(Memory.Verify(Zero, Snapshot(1), new ContentHash(hash.Value + 1), out var badChunk));
        Assert.Equal(-1, badChunk);
        Assert.False(Memory.Verify(Zero, Snapshot(2), hash, out badChunk));
        Assert.Equal(-1, badChunk);
        using var segment = _host.Trainer(Zero, 0);
        segment.Segment.ChunkHashes[3]++;
        Assert.False(Memory.Verify(Zero, Snapshot(1), hash, out badChunk));
        Assert.Equal(-1, badChunk);
    }

    [Fact]
    public void Quarantine_Copy_IsNeverOfferedAgainAndMakesRoom()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(1));
        _host.Capture(Zero, 1, Snapshot(2));
        Memory.Quarantine(Zero, Snapshot(2), "a test flipped a bit");
        Assert.Equal(Snapshot(1), Assert.Single(Memory.Inventory()).Snapshot);
        Assert.Null(Memory.TryRead(Zero, Snapshot(2)));
        Assert.Equal(-1, Memory.SlotsOf(Zero, Snapshot(2)).LoadSlot);
        Memory.Quarantine(Zero, Snapshot(2), "again");

        Assert.Empty(_host.Restart().Inventory());
        _host.Memory.Adopt();
        Assert.Equal(Snapshot(1), Assert.Single(_host.Memory.Inventory()).Snapshot);
    }

    [Fact]
    public void DiscardNewerThan_SealedAndTorn_FreesExactlyTheNewer()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        Memory.EnsureShard(new Rank(1), PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(5));
        _host.Capture(Zero, 1, Snapshot(6));
        _host.Capture(new Rank(1), 0, Snapshot(5, epoch: 2));
        using var torn = _host.Trainer(new Rank(1), 1);
        torn.Begin(Snapshot(6));
        Memory.DiscardNewerThan(Snapshot(5));
        Assert.Equal(new Replica(Zero, Snapshot(5), Memory.Inventory()[0].Hash, PayloadBytes), Assert.Single(Memory.Inventory()));
        Assert.Equal(SegmentState.Free, torn.Segment.State);
        Memory.DiscardAll();
        Assert.Empty(Memory.Inventory());
    }

    [Fact]
    public void DiscardNewerThan_ReceiveRunning_NeverSeals()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        using var lease = Memory.TryBeginReceive(Request(0, Snapshot(7))).Lease!;
        Receive(lease);
        Memory.DiscardNewerThan(Snapshot(5));
        Assert.True(lease.Revoked.IsCancellationRequested);
        Assert.Equal(SealOutcome.Stale, lease.Seal(lease.Slot.Segment.HashOfChunkTable()));
        lease.Dispose();
        Assert.Empty(Memory.Inventory());
        Assert.Null(Memory.TryFollow(Zero, Snapshot(7)));
    }

    [Fact]
    public void SlotsOf_SealedSnapshot_NamesItsSlot()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 1, Snapshot(9));
        var (slots, loadSlot) = Memory.SlotsOf(Zero, Snapshot(9));
        Assert.Equal([_host.Paths.Segment(Zero, 0), _host.Paths.Segment(Zero, 1)], slots);
        Assert.Equal(1, loadSlot);
        Assert.Equal(-1, Memory.SlotsOf(Zero, null).LoadSlot);
        Assert.Equal(-1, Memory.SlotsOf(new Rank(8), Snapshot(9)).LoadSlot);
    }

    [Fact]
    public void Dispose_WhileALeaseIsHeld_KeepsItsMappingUntilItEnds()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(1));
        var lease = Memory.TryRead(Zero, Snapshot(1))!;
        var chunk = lease.Chunk(0);
        Memory.Dispose();
        var expected = new byte[ChunkBytes];
        TestTrainer.Fill(expected, Snapshot(1), 0);
        Assert.True(chunk.Span.SequenceEqual(expected));
        lease.Dispose();
        Assert.Throws<ObjectDisposedException>(() => chunk.Span.Length);
        lease.Dispose();
    }

    [Fact]
    public void Chunk_OfEveryIndex_CoversThePayloadExactly()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _host.Capture(Zero, 0, Snapshot(1));
        using var lease = Memory.TryRead(Zero, Snapshot(1))!;
        Assert.Equal(PayloadBytes, Enumerable.Range(0, lease.ChunkCount).Sum(index => (long)lease.Chunk(index).Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Chunk(lease.ChunkCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => lease.Chunk(-1));
    }
}
