using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

public sealed class CaptureTests : IDisposable
{
    private static readonly Rank Rank = new(1);
    private static readonly SnapshotId Snapshot = new(new Iteration(5), new Epoch(2));

    private readonly TestFolder _folder = new();
    private readonly TestState _state = new();
    private readonly ShardImage _image;
    private readonly MappedSegment _segment;

    public CaptureTests()
    {
        _image = new ShardImage(_state.State, Rank.Value, 4);
        _segment = MappedSegment.Create(_folder.Paths.Segment(Rank, 0), new SegmentIdentity(TestFolder.Job, Rank), _image.Layout.PayloadBytes);
        _state.Set(5);
    }

    [Fact]
    public async Task Capture_ThenLoad_BringsEveryByteBack()
    {
        var hash = await CaptureAsync();
        Assert.Equal(SegmentState.Sealed, _segment.State);
        Assert.Equal(-1, _segment.FindBadChunk());
        Assert.Equal(_image.Layout.PayloadBytes, _segment.CapturedBytes);
        Assert.Equal(_image.ComputeHash(), hash);
        _state.Set(6);
        Assert.Null(Load(hash));
        _state.AssertIs(5);
    }

    [Fact]
    public async Task Load_FlippedBitAnywhere_IsRefused()
    {
        var hash = await CaptureAsync();
        foreach (var offset in (long[])[100, _image.Layout.HeaderBytes + 5L, (1 << 20) + 3, _segment.PayloadBytes - 1])
        {
            Flip(offset);
            Assert.Contains("hash", Load(hash), StringComparison.Ordinal);
            Flip(offset);
        }

        Assert.Null(Load(hash));
    }

    [Fact]
    public async Task Load_NotWhatWasPromised_IsRefused()
    {
        var hash = await CaptureAsync();
        Assert.NotNull(Load(new ContentHash(hash.Value + 1)));
        Assert.NotNull(Load(hash, Snapshot with { Epoch = new Epoch(3) }));
        Assert.NotNull(ShardLoader.Load(_segment, "other", Rank, Snapshot, hash, _image));
        Assert.NotNull(ShardLoader.Load(_segment, TestFolder.Job, new Rank(2), Snapshot, hash, _image));
        _segment.BeginWrite(Snapshot);
        Assert.Contains("Writing", Load(hash), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _segment.Dispose();
        _image.Dispose();
        _state.Dispose();
        _folder.Dispose();
    }

    private async Task<ContentHash> CaptureAsync()
    {
        using var thread = new CaptureThread();
        _image.Stage(5);
        return (await thread.CaptureAsync(_segment, Snapshot, _image, () => false, () => { }).WaitAsync(TimeSpan.FromSeconds(10)))!.Value;
    }

    private string? Load(ContentHash hash, SnapshotId? snapshot = null) =>
        ShardLoader.Load(_segment, TestFolder.Job, Rank, snapshot ?? Snapshot, hash, _image);

    private unsafe void Flip(long offset) => _segment.Payload[offset] ^= 4;
}
