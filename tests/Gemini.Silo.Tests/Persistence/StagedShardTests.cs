using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Tests.Memory;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Persistence;

/// <summary>The private copy of an own shard: it takes exactly the named snapshot, whole and sound, or nothing.</summary>
public sealed class StagedShardTests : IDisposable
{
    private static readonly Rank Own = new(0);

    private readonly TestMemory _host = new();
    private readonly StagedShard _staged;

    public StagedShardTests()
    {
        _host.Memory.EnsureShard(Own, PayloadBytes, ShardRole.Own);
        _staged = new StagedShard(_host.Paths.Staging(Own), Job, Own, PayloadBytes, ChunkBytes);
    }

    public void Dispose()
    {
        _staged.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void TryCopy_Sealed_HasTheBytesAndTheDescription()
    {
        var hash = _host.Capture(Own, 1, Snapshot(3));
        Assert.False(_staged.Holds(Snapshot(3)));
        Assert.True(_staged.TryCopy(_host.Memory, Snapshot(3)));

        Assert.True(_staged.Holds(Snapshot(3)));
        Assert.Equal(new StoredShard(Own, hash, PayloadBytes, ChunkBytes), _staged.Description);
        AssertContentOf(Snapshot(3));
        Assert.Equal((10, 1234), (_staged.ChunkCount, _staged.Chunk(9).Length));
    }

    /// <summary>A write to storage that is tried again needs the same copy, and the trainer has overwritten its slot by then.</summary>
    [Fact]
    public void TryCopy_AgainAfterTheSlotWasOverwritten_StillHasIt()
    {
        _host.Capture(Own, 0, Snapshot(3));
        Assert.True(_staged.TryCopy(_host.Memory, Snapshot(3)));
        _host.Capture(Own, 0, Snapshot(4));
        Assert.True(_staged.TryCopy(_host.Memory, Snapshot(3)));
        AssertContentOf(Snapshot(3));
    }

    [Theory]
    [InlineData("nothing is there")]
    [InlineData("another iteration")]
    [InlineData("another epoch")]
    [InlineData("still being captured")]
    [InlineData("rotten byte")]
    [InlineData("rotten hash")]
    [InlineData("rotten table")]
    public void TryCopy_NotWholeAndSound_TakesNothing(string state)
    {
        using (var trainer = _host.Trainer(Own, 0))
        {
            if (state == "another iteration") trainer.Capture(Snapshot(4));
            else if (state == "another epoch") trainer.Capture(Snapshot(3, epoch: 2));
            else if (state != "nothing is there") trainer.Begin(Snapshot(3));
            if (state == "still being captured") trainer.WriteChunk(0);
            if (state.StartsWith("rotten", StringComparison.Ordinal)) trainer.Capture(Snapshot(3));
            if (state == "rotten byte") trainer.Segment.Chunk(9)[1233] ^= 0x80;
            if (state == "rotten hash") trainer.Segment.ChunkHashes[0] ^= 1;
            if (state == "rotten table")
            {
                // Byte and hash agree, but the table is not the one that was sealed.
                trainer.Segment.Chunk(5)[0] ^= 1;
                trainer.Segment.ChunkHashes[5] = System.IO.Hashing.XxHash3.HashToUInt64(trainer.Segment.Chunk(5));
            }
        }

        Assert.False(_staged.TryCopy(_host.Memory, Snapshot(3)));
        Assert.False(_staged.Holds(Snapshot(3)));
    }

    /// <summary>A copy that failed in the middle has destroyed the older one, so the older one must not be written to storage any more.</summary>
    [Fact]
    public void TryCopy_FailsInTheMiddle_TheOlderCopyIsGoneToo()
    {
        _host.Capture(Own, 0, Snapshot(3));
        Assert.True(_staged.TryCopy(_host.Memory, Snapshot(3)));
        _host.Capture(Own, 1, Snapshot(4));
        using (var trainer = _host.Trainer(Own, 1)) trainer.Segment.Chunk(7)[0] ^= 1;

        Assert.False(_staged.TryCopy(_host.Memory, Snapshot(4)));

        Assert.False(_staged.Holds(Snapshot(3)) || _staged.Holds(Snapshot(4)));
        Assert.True(_staged.TryCopy(_host.Memory, Snapshot(3)));
        AssertContentOf(Snapshot(3));
    }

    [Theory]
    [InlineData(PayloadBytes + 1, ChunkBytes)]
    [InlineData(PayloadBytes, 2 * ChunkBytes)]
    public void TryCopy_BufferOfAnotherSize_TakesNothing(long payloadBytes, int chunkBytes)
    {
        using var other = new StagedShard(_host.Paths.Staging(new Rank(1)), Job, Own, payloadBytes, chunkBytes);
        _host.Capture(Own, 0, Snapshot(3));
        Assert.False(other.TryCopy(_host.Memory, Snapshot(3)));
    }

    /// <summary>Training goes on while a copy is taken: a receive or a capture gets the slot again afterwards.</summary>
    [Fact]
    public void TryCopy_KeepsNoLease()
    {
        _host.Capture(Own, 0, Snapshot(3));
        _host.Capture(Own, 1, Snapshot(4));
        Assert.True(_staged.TryCopy(_host.Memory, Snapshot(3)));
        using var receive = _host.Memory.TryBeginReceive(Request(0, Snapshot(5), keep: 4) with { Origin = ReceiveOrigin.Fetch }).Lease;
        Assert.NotNull(receive);
    }

    [Fact]
    public void Staging_FilesOfAnEarlierSilo_AreRemovedAndSlotsAreNot()
    {
        var leftover = _host.Paths.Staging(new Rank(3));
        File.WriteAllText(leftover, "of a silo that was killed");
        File.WriteAllText(leftover + SegmentFiles.UnfinishedSuffix, "half made");
        _host.Capture(Own, 0, Snapshot(3));

        using var area = new StagingArea(_host.Paths, Job, ChunkBytes);

        Assert.False(File.Exists(leftover) || File.Exists(leftover + SegmentFiles.UnfinishedSuffix));
        Assert.Single(_host.Memory.Inventory());
        Assert.Null(area.Find(Own));
    }

    private void AssertContentOf(SnapshotId snapshot)
    {
        var expected = new byte[ChunkBytes];
        for (var index = 0; index < _staged.ChunkCount; index++)
        {
            var chunk = _staged.Chunk(index).Span;
            TestTrainer.Fill(expected.AsSpan(0, chunk.Length), snapshot, index);
            Assert.True(chunk.SequenceEqual(expected.AsSpan(0, chunk.Length)), $"chunk {index} is another one");
        }
    }
}
