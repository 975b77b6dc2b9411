using System.Collections.Concurrent;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>Replicas are sent from one host's memory into another host's, over real sockets.</summary>
public sealed class ReplicationTests : IAsyncLifetime
{
    private static readonly Rank Zero = new(0);
    private TestHost _owner = null!;
    private TestHost _holder = null!;

    public async ValueTask InitializeAsync()
    {
        _owner = await new TestHost().ListenAsync();
        _holder = await new TestHost().ListenAsync(TestPorts.Next());
        _owner.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        _holder.Memory.EnsureShard(Zero, PayloadBytes);
    }

    public async ValueTask DisposeAsync()
    {
        await _owner.DisposeAsync();
        await _holder.DisposeAsync();
    }

    [Fact]
    public async Task Offer_SealedSnapshot_HolderHasTheSameBytes()
    {
        var hash = _owner.Files.Capture(Zero, 0, Snapshot(1));
        var sender = _owner.SendTo(_holder.Endpoint);
        List<SnapshotId> acked = [];
        sender.Acked += acked.Add;
        await sender.OfferAndAwaitAsync(Snapshot(1));
        await Wait.UntilAsync(() => acked.Count == 1, "the event");
        Assert.True(_holder.Memory.Verify(Zero, Snapshot(1), hash, out _));
        Assert.Equal(PayloadBytes, _holder.Counters.Report.ReceivedBytes);
        Assert.Null(sender.Problem);
    }

    [Fact]
    public async Task Offer_TwentySnapshots_OneConnectionServesAll()
    {
        var sender = _owner.SendTo(_holder.Endpoint);
        for (var iteration = 1; iteration <= 20; iteration++)
        {
            _owner.Files.Capture(Zero, iteration % 2, Snapshot(iteration));
            await sender.OfferAndAwaitAsync(Snapshot(iteration), keep: iteration - 1);
            Assert.Contains(_holder.Memory.Inventory(), copy => copy.Snapshot == Snapshot(iteration));
            if (iteration > 1) Assert.Contains(_holder.Memory.Inventory(), copy => copy.Snapshot == Snapshot(iteration - 1));
        }

        Assert.Equal(1, _holder.Port.ConnectionCount);
    }

    [Fact]
    public async Task Sender_BeforeTheFirstOffer_IsConnected()
    {
        var sender = _owner.SendTo(_holder.Endpoint);
        await Wait.UntilAsync(() => _holder.Port.ConnectionCount == 1, "the connection");
        sender.Reset(new Epoch(1));
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        await sender.OfferAndAwaitAsync(Snapshot(1));
        Assert.Equal(1, _holder.Port.ConnectionCount);
        Assert.Null(sender.Problem);
    }

    [Fact]
    public async Task Offer_CaptureRunning_ChunksFollowTheWatermarkOneByOne()
    {
        using var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        var sender = OfferFirst();
        using var slot = _holder.Files.Trainer(Zero, 0);
        for (var index = 0; index < trainer.Segment.ChunkCount; index++)
        {
            trainer.WriteChunk(index);
            await Wait.UntilAsync(() => slot.Segment.CapturedBytes == trainer.Segment.CapturedBytes, $"chunk {index} at the holder");
            Assert.Equal(SegmentState.Writing, slot.Segment.State);
        }

        Assert.Null(sender.AckedSnapshot);
        var hash = trainer.Segment.Seal();
        await sender.AckAsync(Snapshot(1));
        Assert.True(_holder.Memory.Verify(Zero, Snapshot(1), hash, out _));
    }

    [Fact]
    public async Task Offer_CaptureGivenUpForANewerOne_HolderEndsWithTheNewer()
    {
        using var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        trainer.WriteChunk(0);
        var sender = OfferFirst();
        await Wait.UntilAsync(() => _holder.Counters.Report.ReceivedBytes == ChunkBytes, "the first chunk");
        var hash = trainer.Capture(Snapshot(2));
        await sender.OfferAndAwaitAsync(Snapshot(2));
        Assert.Equal(new Replica(Zero, Snapshot(2), hash, PayloadBytes), Assert.Single(_holder.Memory.Inventory()));
    }

    [Fact]
    public async Task Offer_CaptureStandsStill_GivesTheSlotBackAndTriesAgain()
    {
        await using var owner = new TestHost(options: new TransferOptions { CaptureStallTimeout = TimeSpan.FromMilliseconds(20) });
        owner.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        using var trainer = owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        trainer.WriteChunk(0);
        var sender = owner.SendTo(_holder.Endpoint);
        sender.Offer(Snapshot(1), new Epoch(1), Iteration.Zero);
        await Wait.UntilAsync(() => sender.Reason().Contains("makes no progress", StringComparison.Ordinal), "the stall");
        trainer.Capture(Snapshot(1));
        await sender.AckAsync(Snapshot(1));
    }

    [Fact]
    public async Task Offer_HolderHasItAlready_IsAcknowledgedWithoutAByte()
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        _holder.Files.Capture(Zero, 1, Snapshot(1));
        await _owner.SendTo(_holder.Endpoint).OfferAndAwaitAsync(Snapshot(1));
        Assert.Equal(0, _owner.Counters.Report.SentBytes);
    }

    [Fact]
    public async Task Offer_HolderHasItWithAnotherHash_IsNotAcknowledged()
    {
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        using (var other = _holder.Files.Trainer(Zero, 0))
        {
            other.Begin(Snapshot(1));
            other.Segment.Seal();
        }

        var sender = OfferFirst();
        await Wait.UntilAsync(() => sender.Reason().Contains("the holder has this snapshot with hash", StringComparison.Ordinal), "the contradiction");
        Assert.Null(sender.AckedSnapshot);
    }

    [Fact]
    public async Task Offer_BitFlippedAtTheOwner_IsNeverSealedAndTheNextSnapshotIs()
    {
        using var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Capture(Snapshot(1));
        trainer.Segment.Chunk(4)[17] ^= 0x10;
        var sender = _owner.SendTo(_holder.Endpoint);
        ConcurrentQueue<string> reasons = [];
        sender.ProblemChanged += () => reasons.Enqueue(sender.Reason());
        sender.Offer(Snapshot(1), new Epoch(1), Iteration.Zero);
        await Wait.UntilAsync(() => reasons.Any(reason => reason.Contains(nameof(DataRefusal.HashMismatch), StringComparison.Ordinal)), "the refusal by name");
        Assert.True(_holder.Counters.Report.HashMismatches >= 1);
        Assert.Empty(_holder.Memory.Inventory());
        var hash = _owner.Files.Capture(Zero, 1, Snapshot(2));
        await sender.OfferAndAwaitAsync(Snapshot(2));
        Assert.True(_holder.Memory.Verify(Zero, Snapshot(2), hash, out _));
    }

    [Fact]
    public async Task Offer_HolderComesUpLater_IsRetriedUntilThen()
    {
        var port = TestPorts.Next();
        await using var late = new TestHost();
        late.Memory.EnsureShard(Zero, PayloadBytes);
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        var sender = _owner.SendTo($"127.0.0.1:{port}");
        sender.Offer(Snapshot(1), new Epoch(1), Iteration.Zero);
        await Wait.UntilAsync(() => sender.Problem is not null, "the first failure");
        await late.ListenAsync(port);
        await sender.AckAsync(Snapshot(1));
    }

    [Fact]
    public async Task Offer_HolderLearnsOfTheShardLater_IsRetriedUntilThen()
    {
        _owner.Memory.EnsureShard(new Rank(1), PayloadBytes, ShardRole.Own);
        _owner.Files.Capture(new Rank(1), 0, Snapshot(1));
        var sender = _owner.SendTo(_holder.Endpoint, owner: 1);
        sender.Offer(Snapshot(1), new Epoch(1), Iteration.Zero);
        await Wait.UntilAsync(() => sender.Reason().Contains(nameof(DataRefusal.UnknownShard), StringComparison.Ordinal), "the refusal by name");
        _holder.Memory.EnsureShard(new Rank(1), PayloadBytes);
        await sender.AckAsync(Snapshot(1));
    }

    [Fact]
    public async Task Offer_ConnectionLostBetweenTransfers_IsOpenedAgainAtOnce()
    {
        var port = _holder.Port.Endpoint.Port;
        var sender = _owner.SendTo(_holder.Endpoint);
        _owner.Files.Capture(Zero, 0, Snapshot(1));
        await sender.OfferAndAwaitAsync(Snapshot(1));
        await _holder.Port.DisposeAsync();
        await TestPorts.WaitUntilClosedAsync(port);
        await using var again = _holder.NewPort();
        await again.StartAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
        _owner.Files.Capture(Zero, 1, Snapshot(2));
        await sender.OfferAndAwaitAsync(Snapshot(2), keep: 1);
        Assert.Null(sender.Problem);
    }

    [Fact]
    public async Task RaiseEpochFloor_AtTheHolderDuringATransfer_RefusesByNameAndNeverSeals()
    {
        using var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        trainer.WriteChunk(0);
        var sender = OfferFirst();
        await Wait.UntilAsync(() => _holder.Counters.Report.ReceivedBytes == ChunkBytes, "the first chunk");
        _holder.Memory.RaiseEpochFloor(new Epoch(2));
        trainer.Capture(Snapshot(1));
        await Wait.UntilAsync(() => sender.Reason().Contains(nameof(DataRefusal.StaleEpoch), StringComparison.Ordinal), "the refusal by name");
        Assert.Empty(_holder.Memory.Inventory());
        sender.Offer(Snapshot(1), new Epoch(2), Iteration.Zero);
        await sender.AckAsync(Snapshot(1));
    }

    [Fact]
    public async Task Reset_DuringATransfer_EndsItAndIgnoresOlderEpochs()
    {
        using var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        trainer.WriteChunk(0);
        var sender = OfferFirst();
        using var slot = _holder.Files.Trainer(Zero, 0);
        await Wait.UntilAsync(() => slot.Segment.CapturedBytes == ChunkBytes, "the first chunk");
        sender.Reset(new Epoch(2));
        await Wait.UntilAsync(() => slot.Segment.State == SegmentState.Free, "the holder's slot given back");
        trainer.Capture(Snapshot(1));
        sender.Offer(Snapshot(1), new Epoch(1), Iteration.Zero);
        sender.Offer(Snapshot(1), new Epoch(2), Iteration.Zero);
        await sender.AckAsync(Snapshot(1));
        Assert.Equal(Snapshot(1), Assert.Single(_holder.Memory.Inventory()).Snapshot);
    }

    [Fact]
    public async Task Withdraw_DuringATransfer_EndsIt()
    {
        using var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        var sender = OfferFirst();
        using var slot = _holder.Files.Trainer(Zero, 0);
        await Wait.UntilAsync(() => slot.Segment.State == SegmentState.Writing, "the transfer");
        sender.Withdraw(Snapshot(1));
        await Wait.UntilAsync(() => slot.Segment.State == SegmentState.Free, "the holder's slot given back");
    }

    [Fact]
    public async Task DisposeAsync_DuringATransfer_EndsWithinASecond()
    {
        using var trainer = _owner.Files.Trainer(Zero, 0);
        trainer.Begin(Snapshot(1));
        var sender = OfferFirst();
        await Wait.UntilAsync(() => _holder.Port.ConnectionCount == 1, "the connection");
        var start = TimeProvider.System.GetTimestamp();
        await sender.DisposeAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(1.5));
        await Wait.UntilAsync(() => _holder.Port.ConnectionCount == 0, "the connection's end");
        sender.Offer(Snapshot(2), new Epoch(1), Iteration.Zero);
    }

    /// <summary>A sender to the holder that was offered the first snapshot.</summary>
    private ReplicaSender OfferFirst()
    {
        var sender = _owner.SendTo(_holder.Endpoint);
        sender.Offer(Snapshot(1), new Epoch(1), Iteration.Zero);
        return sender;
    }
}
