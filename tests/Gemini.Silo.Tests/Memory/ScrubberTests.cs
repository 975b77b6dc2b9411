using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Memory;

/// <summary>Bits flip in idle memory of real segments. They are found, named, and mended or quarantined, and never delay a trainer.</summary>
public sealed class ScrubberTests : IDisposable
{
    private static readonly Rank Zero = new(0);
    private readonly TestMemory _files = new();
    private readonly Peers _peers = new();
    private readonly ScrubOptions _options = new()
    {
        IdleAge = TimeSpan.Zero,
        LookPeriod = TimeSpan.FromMilliseconds(1),
        RestLimit = TimeSpan.FromMinutes(1),
    };

    private HostMemory Memory => _files.Memory;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Flip_PeerHasTheChunk_IsMendedInAHeldCopyAndCostsAnOwnOne(bool mended)
    {
        Memory.EnsureShard(Zero, PayloadBytes, mended ? ShardRole.Held : ShardRole.Own);
        var hash = _files.Capture(Zero, 0, Snapshot(5));
        Flip(slot: 0, chunk: 3);

        var report = await ScrubAsync(scrubber => scrubber.Report.RottenChunks == 1 && (mended ? scrubber.Report.Copies == 1 : Memory.Damages.Count == 1));

        Assert.Equal((1, mended ? 1 : 0), (report.RottenChunks, report.RepairedChunks));
        Assert.Equal(mended, Memory.Verify(Zero, Snapshot(5), hash, out _));
        Damage[] damages = mended ? [] : [new Damage(Zero, Snapshot(5), "chunk 3 of 10 does not match its hash")];
        Assert.Equal(damages, Memory.Damages.Newest);
        Assert.Equal(mended ? 1 : 0, Memory.Inventory().Length);
        int[] asked = mended ? [3] : [];
        Assert.Equal(asked, _peers.Asked);
    }

    [Fact]
    public async Task Flip_NobodyHasTheChunk_TheCopyIsGivenUp()
    {
        _peers.Have = false;
        Memory.EnsureShard(Zero, PayloadBytes);
        _files.Capture(Zero, 0, Snapshot(5));
        _files.Capture(Zero, 1, Snapshot(4));
        Flip(slot: 0, chunk: 9);

        await ScrubAsync(_ => Memory.Damages.Count == 1);

        Assert.Equal("chunk 9 of 10 does not match its hash", Memory.Damages.Newest[^1].Reason);
        Assert.Equal(Snapshot(4), Assert.Single(Memory.Inventory()).Snapshot);
    }

    [Fact]
    public async Task Flip_PeerSendsAnotherRottenChunk_IsNotWritten()
    {
        _peers.Salt = 1;
        Memory.EnsureShard(Zero, PayloadBytes);
        _files.Capture(Zero, 0, Snapshot(5));
        Flip(slot: 0, chunk: 0);
        var report = await ScrubAsync(_ => Memory.Damages.Count == 1);
        Assert.Equal(0, report.RepairedChunks);
    }

    [Fact]
    public async Task Flip_InTheChunkTable_TheCopyIsGivenUp()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _files.Capture(Zero, 0, Snapshot(5));
        using (var trainer = _files.Trainer(Zero, 0)) trainer.Segment.ChunkHashes[4] ^= 1;
        await ScrubAsync(_ => Memory.Damages.Count == 1);
        Assert.Equal("its chunk table does not match its hash", Memory.Damages.Newest[^1].Reason);
    }

    [Fact]
    public async Task NothingFlipped_EachCopyIsHashedOnceAPeriod()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _files.Capture(Zero, 0, Snapshot(5));
        _files.Capture(Zero, 1, Snapshot(6));
        var report = await ScrubAsync(scrubber => scrubber.Report.Copies >= 2);
        Assert.Equal((2 * PayloadBytes, 2, 0), (report.Bytes, report.Copies, report.RottenChunks));

        _options.Period = TimeSpan.Zero;
        report = await ScrubAsync(scrubber => scrubber.Report.Copies >= 6);
        Assert.Equal(0, report.RottenChunks);
    }

    [Fact]
    public async Task CopyBeingWritten_TheScrubRests()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _files.Capture(Zero, 0, Snapshot(5));
        using var trainer = _files.Trainer(Zero, 1);
        trainer.Begin(Snapshot(6));
        var scrubber = New();
        using var stop = new CancellationTokenSource();
        var run = RunAsync(scrubber, stop.Token);
        trainer.WriteChunk(0);
        Assert.Equal(0, scrubber.Report.Bytes);
        trainer.Capture(Snapshot(6));
        await Wait.UntilAsync(() => scrubber.Report.Copies == 2, "both copies scrubbed once the capture has ended");
        await StopAsync(stop, run);
    }

    /// <summary>A dead writer leaves its slot in the state Writing. The scrub rests once for it, and not once for each chunk.</summary>
    [Fact]
    public async Task WriterIsDead_TheScrubRestsOnce()
    {
        _options.RestLimit = TimeSpan.FromSeconds(10);
        var time = new FakeTimeProvider();
        Memory.EnsureShard(Zero, PayloadBytes);
        _files.Capture(Zero, 0, Snapshot(5));
        using var dead = _files.Trainer(Zero, 1);
        dead.Begin(Snapshot(6));
        var scrubber = new Scrubber(Memory, _peers, _options, time, NullLogger<Scrubber>.Instance);
        using var stop = new CancellationTokenSource();
        var run = HostLoop.RunAsync([new HostLoop("The scrub", scrubber.ScrubAsync)], time, NullLogger.Instance, stop.Token);
        var start = time.GetTimestamp();
        await Wait.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return scrubber.Report.Copies == 1;
        }, "the copy of ten chunks to be scrubbed");
        Assert.InRange(time.GetElapsedTime(start), _options.RestLimit, 5 * _options.RestLimit);
        await StopAsync(stop, run);
    }

    /// <summary>A trainer overwrites its slots as fast as it can, without asking. The scrub must never take its bytes for rotten ones.</summary>
    [Fact]
    public async Task TrainerOverwritesItsSlots_NothingIsTakenForRot()
    {
        _options.Period = TimeSpan.Zero;
        _options.RestLimit = TimeSpan.Zero;
        Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        var scrubber = New();
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => RunAsync(scrubber, stop.Token), TestContext.Current.CancellationToken);
        for (var iteration = 1; iteration < 5_000_000 && scrubber.Report.Bytes < 50 * PayloadBytes; iteration++)
            _files.Capture(Zero, iteration % 2, Snapshot(iteration));
        Assert.InRange(scrubber.Report.Bytes, PayloadBytes, long.MaxValue);
        await StopAsync(stop, run);
        Assert.Equal((0, 0), (scrubber.Report.RottenChunks, Memory.Damages.Count));
    }

    [Fact]
    public void ReceiveWantsTheSlotThatIsLookedAt_GetsIt()
    {
        Memory.EnsureShard(Zero, PayloadBytes);
        _files.Capture(Zero, 0, Snapshot(5));
        _files.Capture(Zero, 1, Snapshot(4));
        using var watch = Memory.TryWatch(Zero, Snapshot(4))!;
        using var lease = Memory.TryBeginReceive(Request(0, Snapshot(6), keep: 5)).Lease;
        Assert.NotNull(lease);
        Assert.False(watch.StillHolds());
        Assert.False(Memory.TryMend(watch, 0, watch.Chunk(0).Span));
    }

    public void Dispose() => _files.Dispose();

    private static Task<HostLoopEnd?> RunAsync(Scrubber scrubber, CancellationToken ct) => HostLoop.RunAsync(
        [new HostLoop("The scrub", scrubber.ScrubAsync)], TimeProvider.System, NullLogger.Instance, ct);

    private static async Task StopAsync(CancellationTokenSource stop, Task run)
    {
        await stop.CancelAsync();
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Flip(int slot, int chunk)
    {
        using var trainer = _files.Trainer(Zero, slot);
        trainer.Segment.Chunk(chunk)[100] ^= 0x10;
    }

    private Scrubber New() => new(Memory, _peers, _options, TimeProvider.System, NullLogger<Scrubber>.Instance);

    private async Task<ScrubReport> ScrubAsync(Func<Scrubber, bool> done)
    {
        var scrubber = New();
        using var stop = new CancellationTokenSource();
        var run = RunAsync(scrubber, stop.Token);
        await Wait.UntilAsync(() => done(scrubber), $"the scrub; it has done {scrubber.Report}");
        await StopAsync(stop, run);
        return scrubber.Report;
    }

    /// <summary>Holders of the same copies.</summary>
    private sealed class Peers : IChunkSource
    {
        public bool Have { get; set; } = true;

        public byte Salt { get; set; }

        public List<int> Asked { get; } = [];

        public Task<bool> TryGetAsync(SegmentLease copy, int chunk, Memory<byte> target, CancellationToken ct)
        {
            Asked.Add(chunk);
            TestTrainer.Fill(target.Span, copy.Snapshot, chunk);
            target.Span[0] ^= Salt;
            return Task.FromResult(Have);
        }
    }
}
