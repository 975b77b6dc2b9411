using System.Net;
using System.Net.Sockets;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>Copies that are fetched for a recovery. Every outcome has its own name.</summary>
public sealed class FetchTests : IAsyncLifetime
{
    private static readonly Rank Zero = new(0);
    private TestHost _source = null!;
    private TestHost _target = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _source = await new TestHost().ListenAsync();
        _target = new TestHost(options: new TransferOptions { SlotWait = TimeSpan.FromMilliseconds(50) });
        _source.Memory.EnsureShard(Zero, PayloadBytes);
        _target.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Fact]
    public async Task Fetch_HeldBySource_CompletesWithTheOriginalEpoch()
    {
        var hash = _source.Files.Capture(Zero, 1, Snapshot(7, epoch: 2));
        var outcome = await FetchAsync(Snapshot(7, epoch: 2), hash, epoch: 5);
        Assert.Equal((FetchResult.Completed, PayloadBytes), (outcome.Result, outcome.Bytes));
        Assert.True(_target.Memory.Verify(Zero, Snapshot(7, epoch: 2), hash, out _));
        outcome = await FetchAsync(Snapshot(7, epoch: 2), hash, epoch: 5);
        Assert.Equal((FetchResult.Completed, 0L), (outcome.Result, outcome.Bytes));
    }

    [Fact]
    public async Task Fetch_NotHeldBySource_SourceRefused()
    {
        var outcome = await FetchAsync(Snapshot(7), default);
        Assert.Equal(FetchResult.SourceRefused, outcome.Result);
        Assert.Contains(nameof(DataRefusal.NotHeld), outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_SourceHasAnotherHash_CorruptAndOwnSlotsUntouched()
    {
        var own = _target.Files.Capture(Zero, 0, Snapshot(6));
        _target.Files.Capture(Zero, 1, Snapshot(5));
        _source.Files.Capture(Zero, 0, Snapshot(7));
        Assert.Equal(FetchResult.Corrupt, (await FetchAsync(Snapshot(7), new ContentHash(1))).Result);
        Assert.Equal(2, _target.Memory.Inventory().Length);
        Assert.True(_target.Memory.Verify(Zero, Snapshot(6), own, out _));
    }

    [Fact]
    public async Task Fetch_OwnCopyHasAnotherHashThanTheJobHasAgreedOn_IsQuarantinedAndReplaced()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        using (var own = _target.Files.Trainer(Zero, 0))
        {
            own.Begin(Snapshot(7));
            for (var index = 0; index < own.Segment.ChunkCount; index++) own.WriteChunk(index);
            own.Segment.ChunkHashes[2]++;
            Assert.NotEqual(hash, own.Segment.Seal());
        }

        Assert.Single(_target.Memory.Inventory());
        var outcome = await FetchAsync(Snapshot(7), hash);

        Assert.Equal((FetchResult.Completed, PayloadBytes), (outcome.Result, outcome.Bytes));
        Assert.True(_target.Memory.Verify(Zero, Snapshot(7), hash, out _));
        Assert.Contains(hash.ToString(), Assert.Single(_target.Memory.Damages.Newest).Reason);
    }

    [Fact]
    public async Task Fetch_BitFlippedAtTheSource_CorruptAndNeverSealed()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        using (var segment = _source.Files.Trainer(Zero, 0)) segment.Segment.Chunk(9)[0] ^= 1;
        var outcome = await FetchAsync(Snapshot(7), hash);
        Assert.Equal(FetchResult.Corrupt, outcome.Result);
        Assert.Contains("chunk 9 of 10", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(_target.Memory.Inventory());
    }

    [Fact]
    public async Task Fetch_EpochOver_Stale()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        _target.Memory.RaiseEpochFloor(new Epoch(3));
        Assert.Equal(FetchResult.EpochOver, (await FetchAsync(Snapshot(7), hash, epoch: 2)).Result);
        _source.Memory.RaiseEpochFloor(new Epoch(4));
        Assert.Equal(FetchResult.EpochOver, (await FetchAsync(Snapshot(7), hash, epoch: 3)).Result);
        Assert.Equal(FetchResult.Completed, (await FetchAsync(Snapshot(7), hash, epoch: 4)).Result);
    }

    [Fact]
    public async Task Fetch_NobodyListens_SourceFailed()
    {
        var outcome = await _target.Fetcher.FetchAsync(
            $"127.0.0.1:{TestPorts.Next()}", Zero, Snapshot(7), default, new Epoch(1), Token);
        Assert.Equal(FetchResult.SourceFailed, outcome.Result);
        outcome = await _target.Fetcher.FetchAsync("nonsense", Zero, Snapshot(7), default, new Epoch(1), Token);
        Assert.Equal("'nonsense' is not an address and a port", outcome.Reason);
    }

    [Fact]
    public async Task Fetch_SourceFallsSilent_TimedOut()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await using var impatient = new TestHost(options: new TransferOptions { ChunkTimeout = TimeSpan.FromMilliseconds(50) });
        var fetch = impatient.Fetcher.FetchAsync(listener.LocalEndPoint!.ToString()!, Zero, Snapshot(7), default, new Epoch(1), Token);
        using var silent = new DataConnection(await listener.AcceptAsync(Token), TimeProvider.System);
        Assert.Null(await new DataHandshake(TestHost.Secret, Job, Wait.Limit).AcceptAsync(silent, () => true));
        Assert.Equal(FetchResult.TimedOut, (await fetch).Result);
    }

    [Fact]
    public async Task Fetch_ShardNotResidentHere_LocalRefused()
    {
        _source.Memory.EnsureShard(new Rank(1), PayloadBytes);
        var hash = _source.Files.Capture(new Rank(1), 0, Snapshot(7));
        var outcome = await _target.Fetcher.FetchAsync(_source.Endpoint, new Rank(1), Snapshot(7), hash, new Epoch(1), Token);
        Assert.Equal(FetchResult.LocalRefused, outcome.Result);
        Assert.Contains(nameof(ReceiveRefusal.UnknownShard), outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_OwnSlotsInUse_LocalRefusedAfterABoundedWait()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        _target.Files.Capture(Zero, 0, Snapshot(5));
        _target.Files.Capture(Zero, 1, Snapshot(6));
        using var reader = _target.Memory.TryRead(Zero, Snapshot(5));
        var outcome = await FetchAsync(Snapshot(7), hash);
        Assert.Equal(FetchResult.LocalRefused, outcome.Result);
        Assert.Contains(nameof(ReceiveRefusal.Busy), outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_NotHereYet_OverwritesTheOlderOfTwo()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        _target.Files.Capture(Zero, 0, Snapshot(5));
        _target.Files.Capture(Zero, 1, Snapshot(6));
        await FetchAsync(Snapshot(7), hash);
        Assert.Equal([6, 7], _target.Memory.Inventory().Select(copy => copy.Snapshot.Iteration.Value).Order());
    }

    [Fact]
    public async Task Fetch_Cancelled_ThrowsAndLeavesNothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _target.Fetcher.FetchAsync(_source.Endpoint, Zero, Snapshot(7), default, new Epoch(1), cancelled.Token));
        Assert.Empty(_target.Memory.Inventory());
    }

    private Task<FetchOutcome> FetchAsync(SnapshotId snapshot, ContentHash hash, long epoch = 1) =>
        _target.Fetcher.FetchAsync(_source.Endpoint, Zero, snapshot, hash, new Epoch(epoch), Token);
}
