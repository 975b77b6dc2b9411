using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Trainer.Tests.Client.Checkpointing;

/// <summary>The thread that copies: in order, with a watermark that others can follow, and with an end whatever happens.</summary>
public sealed class CaptureThreadTests : IDisposable
{
    private const int ChunkBytes = 4096;

    private static readonly Rank Rank = new(1);

    private readonly TestFolder _folder = new();
    private readonly TestState _state = new(elements: 5000);
    private readonly ShardImage _image;
    private readonly MappedSegment _first;
    private readonly MappedSegment _second;
    private readonly CaptureThread _thread = new();

    public CaptureThreadTests()
    {
        _image = new ShardImage(_state.State, Rank.Value, 4);
        _first = Segment(0);
        _second = Segment(1);
        _state.Set(5);
        _image.Stage(5);
    }

    public void Dispose()
    {
        _thread.Dispose();
        _first.Dispose();
        _second.Dispose();
        _image.Dispose();
        _state.Dispose();
        _folder.Dispose();
    }

    /// <summary>Before each chunk: everything below the watermark is stored, with its hashes.</summary>
    [Fact]
    public async Task Capture_EachChunk_MovesTheWatermarkAfterIt()
    {
        var seen = new List<long>();
        var begun = new List<(SegmentState, long)>();
        var hash = await CaptureAsync(
            _first,
            1,
            () =>
            {
                seen.Add(_first.CapturedBytes);
                var chunks = (int)(_first.CapturedBytes / ChunkBytes);
                for (var index = 0; index < chunks; index++)
                    if (System.IO.Hashing.XxHash3.HashToUInt64(_first.Chunk(index)) != _first.ChunkHashes[index]) seen.Add(-index);
                return false;
            },
            () => begun.Add((_first.State, _first.CapturedBytes)));

        Assert.Equal([(SegmentState.Writing, 0L)], begun);
        Assert.Equal(Enumerable.Range(0, _first.ChunkCount).Select(index => (long)index * ChunkBytes), seen);
        Assert.Equal((SegmentState.Sealed, Snapshot(1), true), (_first.State, _first.Snapshot, _first.IsHeaderSound));
        Assert.Equal(_image.ComputeHash(ChunkBytes), hash);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Capture_Cancelled_LeavesTheSegmentFree(int chunks)
    {
        var asked = 0;
        Assert.Null(await CaptureAsync(_first, 1, () => asked++ == chunks));
        Assert.Equal((SegmentState.Free, (long)chunks * ChunkBytes), (_first.State, _first.CapturedBytes));
        Assert.NotNull(await CaptureAsync(_first, 2, () => false));
    }

    /// <summary>Training goes on without this snapshot, and the thread with the next.</summary>
    [Fact]
    public async Task Capture_Fails_IsItsException_AndTheNextWorks()
    {
        var failed = CaptureAsync(_first, 1, () => throw new InvalidOperationException("no"));
        var next = CaptureAsync(_second, 2, () => false);
        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(() => failed)).Message);
        Assert.Equal(SegmentState.Free, _first.State);
        Assert.NotNull(await next);
        var notBegun = CaptureAsync(_first, 3, () => false, () => throw new IOException("told nobody"));
        await Assert.ThrowsAsync<IOException>(() => notBegun);
        Assert.Equal(SegmentState.Free, _first.State);
    }

    [Fact]
    public async Task Prepare_BesideCaptures_ChangesNothing()
    {
        var hash = await CaptureAsync(_first, 1, () => false);
        var prepared = _thread.PrepareAsync(_first, () => false);
        Assert.NotNull(await CaptureAsync(_second, 2, () => false));
        Assert.True(prepared.IsCompletedSuccessfully);
        Assert.Equal((SegmentState.Sealed, hash, -1), (_first.State, _first.Hash, _first.FindBadChunk()));
    }

    /// <summary>An epoch ended. The slots are unmapped as soon as the task has completed.</summary>
    [Fact]
    public async Task Prepare_Cancelled_EndsBeforeTheNextChunk()
    {
        var asked = 0;
        await _thread.PrepareAsync(_first, () => asked++ == 2).WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
        Assert.Equal(3, asked);
    }

    /// <summary>A session that ends waits for the capture that runs, so that the memory can be freed.</summary>
    [Fact]
    public async Task Dispose_CaptureRuns_WaitsForItAndTakesNoMore()
    {
        using var hold = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        var thread = new CaptureThread();
        var capture = thread.CaptureAsync(
            _first,
            Snapshot(1),
            _image,
            () =>
            {
                reached.Set();
                Assert.True(hold.Wait(Wait.Limit));
                return false;
            },
            () => { });
        Assert.True(reached.Wait(Wait.Limit, TestContext.Current.CancellationToken));
        var disposing = Task.Run(thread.Dispose, TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => IsClosed(thread), "the end of the queue");
        Assert.False(disposing.IsCompleted || capture.IsCompleted);
        hold.Set();
        await disposing.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
        Assert.NotNull(await capture);
    }

    private static SnapshotId Snapshot(long iteration) => new(new Iteration(iteration), new Epoch(2));

    private MappedSegment Segment(int slot) =>
        MappedSegment.Create(_folder.Paths.Segment(Rank, slot), new SegmentIdentity(TestFolder.Job, Rank), _image.Layout.PayloadBytes, ChunkBytes);

    private Task<ContentHash?> CaptureAsync(MappedSegment target, long iteration, Func<bool> isCancelled, Action? begun = null) =>
        _thread.CaptureAsync(target, Snapshot(iteration), _image, isCancelled, begun ?? (() => { })).WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);

    private bool IsClosed(CaptureThread thread)
    {
        try
        {
            _ = thread.CaptureAsync(_second, Snapshot(9), _image, () => true, () => { });
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
