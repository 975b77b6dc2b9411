using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>
/// One flipped bit on the wire, in the source's memory, or in the holder's memory: it is found and named, and the right bytes are used.
/// </summary>
public sealed class FlippedBitTests : IAsyncLifetime
{
    /// <summary>
    /// An offset in the bytes that a fetching peer receives: after handshake, reply and frame of chunk 0, inside the chunk's bytes.
    /// </summary>
    private const long InChunkZeroOfAFetch = JobSecret.NonceBytes + JobSecret.ProofBytes + DataReply.SizeBytes + ChunkFrame.SizeBytes + 1000;

    /// <summary>An offset in the bytes that a replicating peer sends.</summary>
    private const long InChunkTwoOfAReplicate =
        DataPortHello.SizeBytes + JobSecret.ProofBytes + DataRequest.SizeBytes + (3 * ChunkFrame.SizeBytes) + (2 * ChunkBytes) + 7;

    private static readonly Rank Zero = new(0);
    private TestHost _source = null!;
    private TestHost _target = null!;
    private FlippingProxy _wire = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = new TransferOptions { SlotWait = TimeSpan.FromMilliseconds(50), RetryDelayMinimum = TimeSpan.FromMilliseconds(1) };
        _source = await new TestHost(options: options).ListenAsync();
        _target = await new TestHost(options: options).ListenAsync();
        _source.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        _target.Memory.EnsureShard(Zero, PayloadBytes);
        _wire = new FlippingProxy(_source.Endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _wire.DisposeAsync();
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Fact]
    public async Task Fetch_BitFlippedOnTheWire_TheSourceFindsItsCopySoundAndItIsFetchedAgain()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        _wire.FlipFrom = InChunkZeroOfAFetch;

        var outcome = await _target.Fetcher.FetchAsync(_wire.Endpoint, Zero, Snapshot(7), hash, new Epoch(1), Token);

        Assert.Equal((FetchResult.Completed, 1), (outcome.Result, _wire.Flips));
        Assert.Equal(1, _target.Counters.Report.HashMismatches);
        Assert.Empty(_source.Memory.Damages.Newest);
        Assert.True(_target.Memory.Verify(Zero, Snapshot(7), hash, out _));
        using var copy = _target.Files.Trainer(Zero, _target.Memory.SlotsOf(Zero, Snapshot(7)).LoadSlot);
        Assert.True(copy.HasContentOf(Snapshot(7)));
    }

    [Fact]
    public async Task Fetch_WireFlipsEveryTime_EndsCorruptAndTheSourceKeepsItsCopy()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        (_wire.FlipFrom, _wire.FlipsLeft) = (InChunkZeroOfAFetch, int.MaxValue);

        var outcome = await _target.Fetcher.FetchAsync(_wire.Endpoint, Zero, Snapshot(7), hash, new Epoch(1), Token);

        Assert.Equal(FetchResult.Corrupt, outcome.Result);
        Assert.Contains("chunk 0 of 10", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(_target.Memory.Inventory());
        Assert.Single(_source.Memory.Inventory());
    }

    [Fact]
    public async Task Fetch_BitFlippedInTheSourcesMemory_TheSourceGivesItsCopyUpAndNamesIt()
    {
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));
        Flip(_source, chunk: 9);

        var outcome = await _target.Fetcher.FetchAsync(_source.Endpoint, Zero, Snapshot(7), hash, new Epoch(1), Token);

        Assert.Equal(FetchResult.Corrupt, outcome.Result);
        Assert.Empty(_source.Memory.Inventory());
        Assert.EndsWith("received wrong bytes, and this host's check confirms that its copy is bad", Assert.Single(_source.Memory.Damages.Newest).Reason);
        Assert.Equal(FetchResult.SourceRefused, (await _target.Fetcher.FetchAsync(_source.Endpoint, Zero, Snapshot(7), hash, new Epoch(1), Token)).Result);
    }

    [Fact]
    public async Task Replicate_BitFlippedOnTheWire_TheHolderRefusesAndGetsItAgain()
    {
        await using var wire = new FlippingProxy(_target.Endpoint) { FlipTo = InChunkTwoOfAReplicate };
        var hash = _source.Files.Capture(Zero, 0, Snapshot(7));

        await _source.SendTo(wire.Endpoint).OfferAndAwaitAsync(Snapshot(7));

        Assert.Equal((1, 1L), (wire.Flips, _target.Counters.Report.HashMismatches));
        Assert.True(_target.Memory.Verify(Zero, Snapshot(7), hash, out _));
        Assert.Empty(_source.Memory.Damages.Newest);
    }

    [Fact]
    public async Task Replicate_BitFlippedInTheOwnersMemory_TheOwnerGivesItsCopyUp()
    {
        _source.Files.Capture(Zero, 0, Snapshot(7));
        Flip(_source, chunk: 2);
        _source.SendTo(_target.Endpoint).Offer(Snapshot(7), Snapshot(7).Epoch, default);
        await Wait.UntilAsync(() => _source.Memory.Damages.Count == 1, "the owner's copy given up");
        Assert.Empty(_source.Memory.Inventory());
        Assert.Empty(_target.Memory.Inventory());
    }

    [Fact]
    public async Task Chunk_IsFetchedAloneAndComparedWithTheOwnTable()
    {
        _source.Files.Capture(Zero, 0, Snapshot(7));
        _target.Files.Capture(Zero, 0, Snapshot(7));
        using var copy = _target.Memory.TryWatch(Zero, Snapshot(7))!;
        var bytes = new byte[copy.Chunk(9).Length];

        Assert.Null(await _target.Fetcher.FetchChunkAsync(_source.Endpoint, copy, 9, bytes, new Epoch(1), Token));
        Assert.Equal(copy.Chunk(9).Span, bytes);
        await Wait.UntilAsync(() => _source.Counters.Report.SentBytes == 1234, "the chunk counted, which the source does after it has sent it");

        Flip(_source, chunk: 9);
        Assert.Equal("the source's chunk is bad, too", await _target.Fetcher.FetchChunkAsync(_source.Endpoint, copy, 9, bytes, new Epoch(1), Token));
        _source.Memory.Quarantine(Zero, Snapshot(7), "for the test");
        Assert.Equal(
            "the source refused: NotHeld", await _target.Fetcher.FetchChunkAsync(_source.Endpoint, copy, 9, bytes, new Epoch(1), Token));
        _source.Memory.RaiseEpochFloor(new Epoch(2));
        Assert.Equal(
            "the source refused: StaleEpoch", await _target.Fetcher.FetchChunkAsync(_source.Endpoint, copy, 9, bytes, new Epoch(1), Token));
    }

    [Fact]
    public async Task Chunk_BeyondTheCopy_IsRefusedAndTheConnectionGoesOn()
    {
        _source.Files.Capture(Zero, 0, Snapshot(7));
        var (connection, _) = await _target.Connector.ConnectAsync(_source.Endpoint, Token);
        using var peer = connection!;
        foreach (var (chunk, kind) in new[] { (10, DataReplyKind.Refuse), (int.MaxValue, DataReplyKind.Refuse), (9, DataReplyKind.Content) })
        {
            new DataRequest(DataRequestKind.Chunk, Zero, new Epoch(1), Snapshot(7), default, 0, 0, chunk).Write(peer.SendFrame);
            await peer.SendFrameAsync(DataRequest.SizeBytes);
            await peer.ReceiveFrameAsync(DataReply.SizeBytes);
            Assert.True(DataReply.TryRead(peer.ReceivedFrame, out var reply));
            Assert.Equal(kind, reply.Kind);
        }
    }

    private static void Flip(TestHost host, int chunk)
    {
        using var trainer = host.Files.Trainer(Zero, 0);
        trainer.Segment.Chunk(chunk)[5] ^= 1;
    }
}
