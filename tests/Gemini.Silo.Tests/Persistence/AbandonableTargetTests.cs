using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Tests.Memory;
using Microsoft.Extensions.Time.Testing;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>The buffer between a read of storage and a slot. A read that hangs may go on much later, and must not reach the slot then.</summary>
public sealed class AbandonableTargetTests : IDisposable
{
    private static readonly Rank Zero = new(0);

    private readonly TestMemory _host = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ReceiveLease _lease;
    private readonly AbandonableTarget _target;

    public AbandonableTargetTests()
    {
        _host.Memory.EnsureShard(Zero, PayloadBytes);
        _lease = _host.Memory.TryBeginReceive(Request(0, Snapshot(1))).Lease!;
        _target = new AbandonableTarget(_lease, new StoredShard(Zero, default, PayloadBytes, ChunkBytes), _time);
    }

    public void Dispose()
    {
        _lease.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Complete_EveryChunk_IsInTheSlotAndCanBeSealed()
    {
        Assert.Equal(10, _target.ChunkCount);
        for (var index = 0; index < _target.ChunkCount; index++)
        {
            Assert.Equal(index == 9 ? 1234 : ChunkBytes, _target.Chunk(index).Length);
            Fill(index);
            Assert.True(_target.Complete(index));
        }

        Assert.Equal(SealOutcome.Sealed, _lease.Seal(_lease.Slot.Segment.HashOfChunkTable()));
        using var slot = _host.Trainer(Zero, _lease.Slot.Index);
        Assert.True(slot.HasContentOf(Snapshot(1)));
    }

    /// <summary>Bytes that are not complete yet are only in the buffer.</summary>
    [Fact]
    public void Chunk_BeforeItIsComplete_IsNotInTheSlot()
    {
        Fill(0);
        Assert.Equal(-1, _lease.Chunk(0).Span.IndexOfAnyExcept((byte)0));
        Assert.Equal(0, _lease.NextChunk);
    }

    [Fact]
    public void Abandoned_TheReadGoesOn_NothingReachesTheSlot()
    {
        Fill(0);
        Assert.True(_target.Complete(0));
        var before = _lease.Slot.Segment.CapturedBytes;
        _target.Abandon();
        _target.Abandon();
        Fill(1);
        Assert.False(_target.Complete(1));
        Assert.Equal((before, 1), (_lease.Slot.Segment.CapturedBytes, _lease.NextChunk));
        Assert.Equal(-1, _lease.Chunk(1).Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void NewerEpoch_TheReadIsToldToEnd()
    {
        _host.Memory.RaiseEpochFloor(new Epoch(2));
        Fill(0);
        Assert.False(_target.Complete(0));
    }

    /// <summary>Each chunk that arrives shows that storage answers. So only the time since the newest one counts.</summary>
    [Fact]
    public void StalledFor_IsTheTimeSinceTheNewestChunk()
    {
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(TimeSpan.FromSeconds(29), _target.StalledFor);
        Fill(0);
        Assert.True(_target.Complete(0));
        Assert.Equal(TimeSpan.Zero, _target.StalledFor);
        _time.Advance(TimeSpan.FromSeconds(3));
        Fill(1);
        Assert.Equal(TimeSpan.FromSeconds(3), _target.StalledFor);
    }

    private void Fill(int index) => TestTrainer.Fill(_target.Chunk(index).Span, Snapshot(1), index);
}
