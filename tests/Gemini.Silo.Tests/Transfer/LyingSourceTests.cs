using System.IO.Hashing;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>A source that has the secret of the job and breaks the protocol. Each fault has its own name, and no slot keeps any of its bytes.</summary>
public sealed class LyingSourceTests : IAsyncLifetime
{
    private const string InvalidFrame = "the source sent an invalid frame";

    private static readonly Rank Zero = new(0);
    private readonly TestHost _target = new();
    private readonly ContentHash _hash;

    public LyingSourceTests()
    {
        using var right = new TestMemory();
        right.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        _hash = right.Capture(Zero, 0, Snapshot(7));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _target.Memory.EnsureShard(Zero, PayloadBytes, ShardRole.Own);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _target.DisposeAsync();

    [Theory]
    [InlineData(DataReplyKind.Accept, "the source answered Accept")]
    [InlineData(DataReplyKind.Have, "the source answered Have")]
    [InlineData(DataReplyKind.Sealed, "the source answered Sealed")]
    [InlineData((DataReplyKind)77, "the source's answer is not a valid reply")]
    [InlineData((DataReplyKind)0, "the source's answer is not a valid reply")]
    public async Task Fetch_AnswerIsNoContent_TheSourceFailed(DataReplyKind kind, string reason)
    {
        await using var source = new ScriptedPort(connection => ReplyAsync(connection, new DataReply(kind)));
        await AssertFetchAsync(source, FetchResult.SourceFailed, reason);
    }

    [Theory]
    [InlineData(DataRefusal.StaleEpoch, FetchResult.EpochOver)]
    [InlineData(DataRefusal.NotHeld, FetchResult.SourceRefused)]
    [InlineData(DataRefusal.Busy, FetchResult.SourceRefused)]
    [InlineData(DataRefusal.Malformed, FetchResult.SourceRefused)]
    public async Task Fetch_Refused_OnlyAnOldEpochIsStale(DataRefusal reason, FetchResult expected)
    {
        await using var source = new ScriptedPort(connection => ReplyAsync(connection, DataReply.Refuse(reason)));
        await AssertFetchAsync(source, expected, $"the source refused: {reason}");
    }

    [Theory]
    [InlineData(PayloadBytes + 1, ChunkBytes)]
    [InlineData(PayloadBytes, 2 * ChunkBytes)]
    [InlineData(0, 0)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public async Task Fetch_OtherSizes_AreRefusedHere(long payloadBytes, int chunkBytes)
    {
        await using var source = new ScriptedPort(
            connection => ReplyAsync(connection, new DataReply(DataReplyKind.Content, DataRefusal.None, _hash, payloadBytes, chunkBytes)));
        await AssertFetchAsync(source, FetchResult.LocalRefused, "this host's memory refused: SizeMismatch");
    }

    /// <summary>A chunk out of order, too long or too short; a seal that comes too early or has a length; a frame of no known kind.</summary>
    [Theory]
    [InlineData(ChunkFrameKind.Chunk, 2, ChunkBytes)]
    [InlineData(ChunkFrameKind.Chunk, 0, ChunkBytes)]
    [InlineData(ChunkFrameKind.Chunk, 1, ChunkBytes + 1)]
    [InlineData(ChunkFrameKind.Chunk, 1, 1)]
    [InlineData(ChunkFrameKind.Seal, 1, 0)]
    [InlineData(ChunkFrameKind.Seal, 10, 0)]
    [InlineData((ChunkFrameKind)5, 1, ChunkBytes)]
    [InlineData(ChunkFrameKind.Wait, 2, 0)]
    [InlineData(ChunkFrameKind.Wait, 1, 1)]
    public async Task Fetch_FrameThatCannotFollow_TheSourceFailed(ChunkFrameKind kind, int index, int lengthBytes)
    {
        await using var source = new ScriptedPort(async connection =>
        {
            await BeginContentAsync(connection);
            await SendChunkAsync(connection, 0);
            await ChunkStream.SendEndAsync(connection, new ChunkFrame(kind, index, lengthBytes, _hash.Value));
        });
        await AssertFetchAsync(source, FetchResult.SourceFailed, InvalidFrame);
        Assert.Equal(1, _target.Counters.Report.MalformedFrames);
    }

    [Fact]
    public async Task Fetch_SourceGivesUpMidway_IsARefusalWithAReason()
    {
        await using var source = new ScriptedPort(async connection =>
        {
            await BeginContentAsync(connection);
            await SendChunkAsync(connection, 0);
            await ChunkStream.SendEndAsync(connection, new ChunkFrame(ChunkFrameKind.Abort));
        });
        await AssertFetchAsync(source, FetchResult.SourceRefused, "the source lost the copy during the transfer");
        Assert.Equal(0, _target.Counters.Report.MalformedFrames);
    }

    /// <summary>The connection ends inside the answer, inside a frame, inside a chunk, and between two chunks.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(DataReply.SizeBytes)]
    [InlineData(DataReply.SizeBytes + 7)]
    [InlineData(DataReply.SizeBytes + ChunkFrame.SizeBytes + 1000)]
    [InlineData(DataReply.SizeBytes + ChunkFrame.SizeBytes + ChunkBytes)]
    public async Task Fetch_ConnectionEndsInTheMiddle_TheSourceFailed(int bytes)
    {
        await using var source = new ScriptedPort(async connection =>
        {
            var all = new byte[DataReply.SizeBytes + ChunkFrame.SizeBytes + ChunkBytes];
            Content().Write(all);
            var chunk = ChunkOf(0);
            new ChunkFrame(ChunkFrameKind.Chunk, 0, chunk.Length, XxHash3.HashToUInt64(chunk)).Write(all.AsSpan(DataReply.SizeBytes));
            chunk.CopyTo(all, DataReply.SizeBytes + ChunkFrame.SizeBytes);
            await connection.SendAsync(all.AsMemory(0, bytes));
            connection.Dispose();
        });
        await AssertFetchAsync(source, FetchResult.SourceFailed, "the connection ended");
    }

    /// <summary>Each chunk has the announced hash, but the whole is another copy. The source then admits that its copy is not the right one.</summary>
    [Fact]
    public async Task Fetch_WholeHasAnotherHash_IsCorruptAndTheSourceIsAskedToCheck()
    {
        await using var source = new ScriptedPort(
            async connection =>
            {
                await BeginContentAsync(connection);
                for (var index = 0; index < 10; index++) await SendChunkAsync(connection, index, iteration: 8);
                await ChunkStream.SendEndAsync(connection, new ChunkFrame(ChunkFrameKind.Seal, 10, 0, _hash.Value));
            },
            connection => ReplyAsync(connection, DataReply.Refuse(DataRefusal.NotHeld)));
        await AssertFetchAsync(source, FetchResult.Corrupt, "chunk 10 of 10 or the whole does not have its hash");
        Assert.Equal([DataRequestKind.Fetch, DataRequestKind.Check], source.Requests);
        Assert.Equal(1, _target.Counters.Report.HashMismatches);
    }

    /// <summary>A source that answers the check for another copy does not get a second chance.</summary>
    [Theory]
    [InlineData(DataReplyKind.Have, 1UL, 2)]
    [InlineData(DataReplyKind.Content, 0UL, 2)]
    [InlineData(DataReplyKind.Have, 0UL, 3)]
    public async Task Check_OnlyTheWantedHashIsSound(DataReplyKind kind, ulong difference, int requests)
    {
        await using var source = new ScriptedPort(
            async connection =>
            {
                await BeginContentAsync(connection);
                await SendChunkAsync(connection, 0, iteration: 8, hashOf: 7);
            },
            connection => ReplyAsync(connection, new DataReply(kind, Hash: new ContentHash(_hash.Value + difference))),
            connection => ReplyAsync(connection, DataReply.Refuse(DataRefusal.NotHeld)));

        var outcome = await FetchAsync(source);

        Assert.Equal(requests, source.Requests.Count);
        Assert.Equal(requests == 3 ? FetchResult.SourceRefused : FetchResult.Corrupt, outcome.Result);
    }

    [Theory]
    [InlineData("no reply", "the source's answer is not a valid reply")]
    [InlineData("refusal", "the source refused: NotHeld")]
    [InlineData("other copy", "the source's copy has hash ")]
    [InlineData("no frame", InvalidFrame)]
    [InlineData("seal", "the source sent another chunk")]
    [InlineData("other index", "the source sent another chunk")]
    [InlineData("other length", "the source sent another chunk")]
    [InlineData("other hash", "the source sent another chunk")]
    [InlineData("other bytes", "the source's chunk is bad, too")]
    [InlineData("half a chunk", "the connection ended")]
    public async Task Chunk_EveryFault_HasItsName(string fault, string reason)
    {
        _target.Files.Capture(Zero, 0, Snapshot(7));
        using var copy = _target.Memory.TryWatch(Zero, Snapshot(7))!;
        var right = new ChunkFrame(ChunkFrameKind.Chunk, 3, ChunkBytes, copy.ChunkHash(3));
        await using var source = new ScriptedPort(async connection =>
        {
            await ReplyAsync(connection, fault switch
            {
                "no reply" => new DataReply((DataReplyKind)9),
                "refusal" => DataReply.Refuse(DataRefusal.NotHeld),
                "other copy" => Content() with { Hash = new ContentHash(1) },
                _ => Content(),
            });
            await ChunkStream.SendEndAsync(connection, fault switch
            {
                "no frame" => right with { Kind = 0 },
                "seal" => right with { Kind = ChunkFrameKind.Seal },
                "other index" => right with { Index = 4 },
                "other length" => right with { LengthBytes = ChunkBytes - 1 },
                "other hash" => right with { Hash = right.Hash + 1 },
                _ => right,
            });
            await connection.SendAsync(new byte[fault == "half a chunk" ? ChunkBytes / 2 : ChunkBytes]);
            if (fault == "half a chunk") connection.Dispose();
        });

        var problem = await _target.Fetcher.FetchChunkAsync(source.Endpoint, copy, 3, new byte[ChunkBytes], new Epoch(1), Token);

        Assert.StartsWith(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunk_Cancelled_Throws()
    {
        _target.Files.Capture(Zero, 0, Snapshot(7));
        using var copy = _target.Memory.TryWatch(Zero, Snapshot(7))!;
        using var cancelled = new CancellationTokenSource();
        await using var source = new ScriptedPort(async _ => await cancelled.CancelAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _target.Fetcher.FetchChunkAsync(source.Endpoint, copy, 3, new byte[ChunkBytes], new Epoch(1), cancelled.Token));
    }

    private static byte[] ChunkOf(int index, long iteration = 7)
    {
        var chunk = new byte[Math.Min(ChunkBytes, PayloadBytes - (index * ChunkBytes))];
        TestTrainer.Fill(chunk, Snapshot(iteration), index);
        return chunk;
    }

    private static async Task ReplyAsync(DataConnection connection, DataReply reply)
    {
        reply.Write(connection.SendFrame);
        await connection.SendFrameAsync(DataReply.SizeBytes);
    }

    private static async Task SendChunkAsync(DataConnection connection, int index, long iteration = 7, long? hashOf = null)
    {
        var chunk = ChunkOf(index, iteration);
        var hash = XxHash3.HashToUInt64(ChunkOf(index, hashOf ?? iteration));
        await ChunkStream.SendEndAsync(connection, new ChunkFrame(ChunkFrameKind.Chunk, index, chunk.Length, hash));
        await connection.SendAsync(chunk);
    }

    private DataReply Content() => new(DataReplyKind.Content, DataRefusal.None, _hash, PayloadBytes, ChunkBytes);

    private Task BeginContentAsync(DataConnection connection) => ReplyAsync(connection, Content());

    private Task<FetchOutcome> FetchAsync(ScriptedPort source) =>
        _target.Fetcher.FetchAsync(source.Endpoint, Zero, Snapshot(7), _hash, new Epoch(1), Token);

    /// <summary>Also: nothing is sealed, and the slot is free for the next source.</summary>
    private async Task AssertFetchAsync(ScriptedPort source, FetchResult result, string reason)
    {
        var outcome = await FetchAsync(source);
        Assert.Equal((result, reason), (outcome.Result, outcome.Reason));
        Assert.Empty(_target.Memory.Inventory());
        Assert.False(_target.Memory.IsReceiving(Zero));
    }
}
