using System.Collections.Immutable;
using System.IO.Hashing;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>Every reason for which a copy is not loaded. The text goes to the silo, which looks for another copy.</summary>
public sealed class ShardLoaderTests : IDisposable
{
    private const int ChunkBytes = 4096;

    private static readonly Rank Rank = new(1);
    private static readonly SnapshotId Snapshot = new(new Iteration(5), new Epoch(2));

    private readonly TestFolder _folder = new();
    private readonly TestState _state = new(elements: 2000);
    private readonly ShardImage _image;
    private readonly MappedSegment _segment;
    private readonly ContentHash _hash;

    public ShardLoaderTests()
    {
        _image = new ShardImage(_state.State, Rank.Value, 4);
        _segment = Segment(0, new SegmentIdentity(TestFolder.Job, Rank));
        _state.Set(5);
        _hash = Fill(5);
        _state.Set(6);
    }

    public void Dispose()
    {
        _segment.Dispose();
        _image.Dispose();
        _state.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Load_SoundCopy_SetsTheState()
    {
        Assert.Null(Load());
        _state.AssertIs(5);
    }

    /// <summary>These are found before the live state is touched.</summary>
    [Fact]
    public void Load_WrongCopy_SaysWhyAndLeavesTheState()
    {
        Assert.Equal("it belongs to job test, not to other", ShardLoader.Load(_segment, "other", Rank, Snapshot, _hash, _image));
        Assert.Equal("it belongs to rank 1, not to 2", ShardLoader.Load(_segment, TestFolder.Job, new Rank(2), Snapshot, _hash, _image));
        Assert.Equal("it holds snapshot 5@2", Load(new SnapshotId(new Iteration(5), new Epoch(3))));
        Assert.Equal($"its header has hash {_hash}, but 0000000000000007 was expected", Load(hash: new ContentHash(7)));
        using var larger = new TestState(elements: 2001);
        using var largerImage = new ShardImage(larger.State, Rank.Value, 4);
        Assert.Equal(
            $"it holds {_image.Layout.PayloadBytes} bytes; this state has {largerImage.Layout.PayloadBytes}",
            ShardLoader.Load(_segment, TestFolder.Job, Rank, Snapshot, _hash, largerImage));
        _state.AssertIs(6);
    }

    [Fact]
    public void Load_CopyIsNotComplete_SaysItsState()
    {
        _segment.BeginWrite(Snapshot);
        Assert.Equal("it is not sealed but Writing", Load());
        _segment.Free();
        Assert.Equal("it is not sealed but Free", Load());
        _state.AssertIs(6);
    }

    [Fact]
    public void Load_ChunkTableIsDamaged_IsFoundBeforeTheState()
    {
        _segment.ChunkHashes[1] ^= 1;
        Assert.Equal($"its chunk table does not hash to {_hash}", Load());
        _state.AssertIs(6);
    }

    [Fact]
    public void Load_HeaderIsDamaged_SaysSo()
    {
        using (var file = File.OpenHandle(_segment.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)) RandomAccess.Write(file, [1], 144);
        Assert.Equal("its header does not match its check", Load());
        _state.AssertIs(6);
    }

    [Fact]
    public void Load_TwoChunksAreDamaged_TheFirstIsNamed()
    {
        _segment.Chunk(_segment.ChunkCount - 1)[^1] ^= 1;
        _segment.Chunk(1)[0] ^= 1;
        Assert.Equal($"chunk 1 of {_segment.ChunkCount} does not match its hash", Load());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void Load_ChunkIsDamaged_IsNamed(int index)
    {
        if (index < 0) index = _segment.ChunkCount - 1;
        _segment.Chunk(index)[^1] ^= 1;
        Assert.Equal($"chunk {index} of {_segment.ChunkCount} does not match its hash", Load());
    }

    /// <summary>The hashes are right, and the content is that of another iteration.</summary>
    [Fact]
    public void Load_PayloadIsOfAnotherIteration_SaysWhich()
    {
        _state.Set(5);
        var hash = Fill(4);
        Assert.Equal("its payload says that it is iteration 4", Load(hash: hash));
    }

    [Fact]
    public void Load_PayloadIsOfAnotherState_SaysWhatToDo()
    {
        using var other = new TestState(elements: 2000);
        using var otherImage = new ShardImage(other.State, Rank.Value, 5);
        Assert.Equal(SafetensorsLayout.OfAnotherState, ShardLoader.Load(_segment, TestFolder.Job, Rank, Snapshot, _hash, otherImage));
    }

    /// <summary>The hashes are right, and the header contains what no trainer writes.</summary>
    [Fact]
    public void Load_PayloadsHeaderIsAbsurd_SaysSo()
    {
        _state.Set(5);
        var hash = Fill(5, () => _image.Header[_image.Header.IndexOf("\"5\""u8) + 1] = (byte)'x');
        Assert.Equal("the iteration in the payload's header is 'x'", Load(hash: hash));
    }

    [Fact]
    public void OpenSlots_OfThisRank_AreMapped()
    {
        using var second = Segment(1, new SegmentIdentity(TestFolder.Job, Rank));
        var slots = ShardLoader.OpenSlots(Point(0, 1), TestFolder.Job, Rank, _image.Layout.PayloadBytes);
        Assert.Equal([_segment.Path, second.Path], slots.Select(slot => slot.Path));
        Assert.Equal([SegmentState.Sealed, SegmentState.Free], slots.Select(slot => slot.State));
        foreach (var slot in slots) slot.Dispose();
    }

    [Theory]
    [InlineData("other", 1, "it belongs to job other, not to test")]
    [InlineData("test", 3, "it belongs to rank 3, not to 1")]
    public void OpenSlots_OneIsOfAnother_NamesTheFile(string job, int rank, string reason)
    {
        using var second = Segment(1, new SegmentIdentity(job, new Rank(rank)));
        var error = Assert.Throws<InvalidDataException>(() => ShardLoader.OpenSlots(Point(0, 1), TestFolder.Job, Rank, _image.Layout.PayloadBytes));
        Assert.Equal($"{second.Path}: {reason}.", error.Message);
    }

    [Fact]
    public void OpenSlots_OneIsMissing_SaysSo() => Assert.Throws<FileNotFoundException>(
        () => ShardLoader.OpenSlots(Point(0, 1), TestFolder.Job, Rank, _image.Layout.PayloadBytes));

    private MappedSegment Segment(int slot, SegmentIdentity identity) =>
        MappedSegment.Create(_folder.Paths.Segment(Rank, slot), identity, _image.Layout.PayloadBytes, ChunkBytes);

    private RestorePoint Point(params int[] slots) => new()
    {
        Epoch = new Epoch(3),
        Slots = [.. slots.Select(slot => _folder.Paths.Segment(Rank, slot))],
        RingEndpoints = ImmutableArray<string>.Empty,
    };

    private string? Load(SnapshotId? snapshot = null, ContentHash? hash = null) =>
        ShardLoader.Load(_segment, TestFolder.Job, Rank, snapshot ?? Snapshot, hash ?? _hash, _image);

    /// <summary>Seals the live state with this iteration in its payload.</summary>
    private ContentHash Fill(long iteration, Action? damage = null)
    {
        _image.Stage(iteration);
        damage?.Invoke();
        _segment.BeginWrite(Snapshot);
        for (var index = 0; index < _segment.ChunkCount; index++)
        {
            var hash = _image.CopyOut((long)index * ChunkBytes, _segment.Chunk(index));
            Assert.Equal(XxHash3.HashToUInt64(_segment.Chunk(index)), hash);
            _segment.ChunkHashes[index] = hash;
        }

        return _segment.Seal();
    }
}
