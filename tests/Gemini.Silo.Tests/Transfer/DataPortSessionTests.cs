using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The serving side of the data port, frame by frame: what it answers, and what is left when the peer stops in the middle.</summary>
public sealed class DataPortSessionTests : IAsyncLifetime
{
    private const int LargeChunkBytes = 1 << 20;
    private const int LargeChunks = 48;

    private static readonly Rank Zero = new(0);

    /// <summary>Only what the peer does may end a connection in these tests, and no limit of time.</summary>
    private static readonly TransferOptions Patient = new() { ChunkTimeout = TimeSpan.FromHours(1), IdleConnectionTimeout = TimeSpan.FromHours(1) };

    private TestHost _host = null!;
    private ContentHash _committed;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Offsets in <see cref="Conversation"/>: inside and at the end of every part.</summary>
    public static TheoryData<int, bool> Cuts
    {
        get
        {
            const int Request = DataRequest.SizeBytes;
            const int Chunk = ChunkFrame.SizeBytes + ChunkBytes;
            var whole = Request + (9 * Chunk) + ChunkFrame.SizeBytes + 1234;
            int[] cuts =
            [
                0, 1, Request - 1, Request, Request + 1, Request + ChunkFrame.SizeBytes, Request + ChunkFrame.SizeBytes + 1, Request + Chunk - 1,
                Request + Chunk, Request + (3 * Chunk) + 17, whole - 1, whole, whole + ChunkFrame.SizeBytes - 1,
            ];
            var rows = new TheoryData<int, bool>();
            foreach (var cut in cuts)
            {
                rows.Add(cut, false);
                rows.Add(cut, true);
            }

            return rows;
        }
    }

    public async ValueTask InitializeAsync()
    {
        _host = await new TestHost(options: Patient).ListenAsync();
        _host.Memory.EnsureShard(Zero, PayloadBytes);
        _committed = _host.Files.Capture(Zero, 0, Snapshot(5));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Replicate_ThreeOnOneConnection_AreSealedAndTheSameOneAgainIsHeldAlready()
    {
        using var peer = await ConnectAsync();
        for (var iteration = 6; iteration <= 8; iteration++)
        {
            await SendAsync(peer, Replicate(iteration, keep: iteration - 1));
            Assert.Equal(new DataReply(DataReplyKind.Accept), await ReplyAsync(peer));
            var (bytes, hash) = Conversation(iteration);
            await peer.SendAsync(bytes.AsMemory(DataRequest.SizeBytes));
            Assert.Equal(new DataReply(DataReplyKind.Sealed, Hash: hash), await ReplyAsync(peer));
            Assert.True(_host.Memory.Verify(Zero, Snapshot(iteration), hash, out _));

            await SendAsync(peer, Replicate(iteration, keep: iteration - 1));
            Assert.Equal(new DataReply(DataReplyKind.Have, Hash: hash), await ReplyAsync(peer));
        }

        var report = _host.Counters.Report;
        Assert.Equal((3 * PayloadBytes, 3L, 0L, 0L), (report.ReceivedBytes, report.CopiesReceived, report.HashMismatches, report.MalformedFrames));
    }

    /// <summary>No limit of time runs here, so the port itself must notice that the peer is gone, and give the slot back.</summary>
    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Replicate_PeerStopsInTheMiddle_TheSlotIsFreeAndNothingIsSealed(int bytes, bool resets)
    {
        var socket = await OpenProvenAsync();
        await socket.SendAsync(Conversation(7).Bytes.AsMemory(0, bytes), Token);
        if (bytes >= DataRequest.SizeBytes)
        {
            // The transfer has begun for certain when its answer is here.
            var answer = new byte[DataReply.SizeBytes];
            for (var received = 0; received < answer.Length;) received += await socket.ReceiveAsync(answer.AsMemory(received), Token);
        }

        if (resets) socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();

        await Wait.UntilAsync(() => _host.Port.ConnectionCount == 0, "the end of the session");
        Assert.False(_host.Memory.IsReceiving(Zero));
        AssertOnlyTheCommitted();
        using var slot = _host.Files.Trainer(Zero, 1);
        Assert.Equal(SegmentState.Free, slot.Segment.State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(-1)]
    public async Task Replicate_WrongHash_EndsTheConnectionByName(int wrongChunk)
    {
        using var peer = await ConnectAsync();
        var (bytes, _) = Conversation(7);
        var hashOffset = wrongChunk < 0
            ? bytes.Length - sizeof(ulong)
            : DataRequest.SizeBytes + (wrongChunk * (ChunkFrame.SizeBytes + ChunkBytes)) + ChunkFrame.SizeBytes - sizeof(ulong);
        bytes[hashOffset] ^= 1;
        await peer.SendAsync(bytes);
        Assert.Equal(DataReplyKind.Accept, (await ReplyAsync(peer)).Kind);
        Assert.Equal(DataReply.Refuse(DataRefusal.HashMismatch), await ReplyAsync(peer));
        await Assert.ThrowsAsync<EndOfStreamException>(() => peer.ReceiveFrameAsync(1).AsTask());
        Assert.Equal((1L, 0L), (_host.Counters.Report.HashMismatches, _host.Counters.Report.CopiesReceived));
        AssertOnlyTheCommitted();
    }

    [Fact]
    public async Task Replicate_PeerGivesUp_TheSlotIsFreeAndTheConnectionGoesOn()
    {
        using var peer = await ConnectAsync();
        for (var iteration = 7; iteration <= 8; iteration++)
        {
            await SendAsync(peer, Replicate(iteration));
            Assert.Equal(DataReplyKind.Accept, (await ReplyAsync(peer)).Kind);
            await ChunkStream.SendEndAsync(peer, new ChunkFrame(ChunkFrameKind.Abort));
        }

        await SendAsync(peer, new DataRequest(DataRequestKind.Check, Zero, new Epoch(1), Snapshot(5), default, 0, 0));
        Assert.Equal(new DataReply(DataReplyKind.Have, Hash: _committed), await ReplyAsync(peer));
        Assert.False(_host.Memory.IsReceiving(Zero));
        Assert.Equal(0, _host.Counters.Report.MalformedFrames);
    }

    /// <summary>The owner has begun the next snapshot, or has connected again. The older transfer must not hold the slot.</summary>
    [Fact]
    public async Task Replicate_NewerRequestOnAnotherConnection_EndsTheOlderOneByName()
    {
        using var older = await ConnectAsync();
        await SendAsync(older, Replicate(7));
        Assert.Equal(DataReplyKind.Accept, (await ReplyAsync(older)).Kind);

        using var newer = await ConnectAsync();
        await SendAsync(newer, Replicate(8));
        Assert.Equal(DataReply.Refuse(DataRefusal.Busy), await ReplyAsync(newer));
        Assert.Equal(DataReply.Refuse(DataRefusal.Superseded), await ReplyAsync(older));
        await Assert.ThrowsAsync<EndOfStreamException>(() => older.ReceiveFrameAsync(1).AsTask());

        await SendAsync(newer, Replicate(8));
        Assert.Equal(DataReplyKind.Accept, (await ReplyAsync(newer)).Kind);
    }

    [Fact]
    public async Task Replicate_EverySlotIsRead_IsBusyUntilOneIsNot()
    {
        _host.Files.Capture(Zero, 1, Snapshot(6));
        using var peer = await ConnectAsync();
        using (_host.Memory.TryRead(Zero, Snapshot(5)))
        {
            await SendAsync(peer, Replicate(7, keep: 6));
            Assert.Equal(DataReply.Refuse(DataRefusal.Busy), await ReplyAsync(peer));
        }

        await SendAsync(peer, Replicate(7, keep: 6));
        Assert.Equal(DataReplyKind.Accept, (await ReplyAsync(peer)).Kind);
    }

    /// <summary>Each refusal of a reading peer leaves the connection in use: the next question is answered.</summary>
    [Theory]
    [InlineData(DataRequestKind.Fetch)]
    [InlineData(DataRequestKind.Chunk)]
    [InlineData(DataRequestKind.Check)]
    public async Task Read_WhatIsNotHere_IsRefusedByNameAndTheConnectionGoesOn(DataRequestKind kind)
    {
        var good = new DataRequest(kind, Zero, new Epoch(3), Snapshot(5), default, 0, 0);
        _host.Memory.RaiseEpochFloor(new Epoch(3));
        using var torn = _host.Files.Trainer(Zero, 1);
        torn.Begin(Snapshot(6));
        using var peer = await ConnectAsync();
        foreach (var (request, reason) in new[]
        {
            (good with { Epoch = new Epoch(2) }, DataRefusal.StaleEpoch),
            (good with { Owner = new Rank(1) }, DataRefusal.NotHeld),
            (good with { Snapshot = Snapshot(4) }, DataRefusal.NotHeld),
            (good with { Snapshot = Snapshot(5, epoch: 2) }, DataRefusal.NotHeld),
            (good with { Snapshot = Snapshot(6) }, DataRefusal.NotHeld),
        })
        {
            await SendAsync(peer, request);
            Assert.Equal(DataReply.Refuse(reason), await ReplyAsync(peer));
        }

        await SendAsync(peer, good);
        Assert.Equal(_committed, (await ReplyAsync(peer)).Hash);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public async Task Chunk_IsSentWithItsOwnIndexAndHash(int index)
    {
        using var peer = await ConnectAsync();
        await SendAsync(peer, new DataRequest(DataRequestKind.Chunk, Zero, new Epoch(1), Snapshot(5), default, 0, 0, index));
        Assert.Equal(new DataReply(DataReplyKind.Content, DataRefusal.None, _committed, PayloadBytes, ChunkBytes), await ReplyAsync(peer));
        var expected = ChunkOf(index, 5);
        Assert.Equal(new ChunkFrame(ChunkFrameKind.Chunk, index, expected.Length, XxHash3.HashToUInt64(expected)), await FrameAsync(peer));
        var bytes = new byte[expected.Length];
        await peer.ReceiveAsync(bytes);
        Assert.Equal(expected, bytes);
        await Wait.UntilAsync(
            () => _host.Counters.Report.SentBytes == expected.Length, "the chunk counted, which the session does after it has sent it");
    }

    /// <summary>A peer that asks for a copy and then reads nothing must not keep the slot for ever.</summary>
    [Fact]
    public async Task Fetch_PeerReadsNothing_LosesItsConnectionAndTheSlotIsFree()
    {
        await using var host = await LargeHostAsync(TimeSpan.FromMilliseconds(100));
        using var peer = await ConnectAsync(host);
        await SendAsync(peer, new DataRequest(DataRequestKind.Fetch, Zero, new Epoch(1), Snapshot(5), default, 0, 0));
        await Wait.UntilAsync(() => host.Port.ConnectionCount == 0, "the end of the session");
        using var slot = host.Memory.TryBeginReceive(LargeRequest(host)).Lease;
        Assert.NotNull(slot);
    }

    /// <summary>The copy is much larger than the buffers of the connection. So the trainer overwrites it before all of it is sent.</summary>
    [Fact]
    public async Task Fetch_TrainerOverwritesTheCopyMidway_EndsWithAnAbortAndTheConnectionGoesOn()
    {
        await using var host = await LargeHostAsync(Wait.Limit);
        using var peer = await ConnectAsync(host);
        var request = new DataRequest(DataRequestKind.Fetch, Zero, new Epoch(1), Snapshot(5), default, 0, 0);
        await SendAsync(peer, request);
        Assert.Equal(DataReplyKind.Content, (await ReplyAsync(peer)).Kind);
        using (var trainer = host.Files.Trainer(Zero, 0)) trainer.Begin(Snapshot(7));

        var chunks = 0;
        var bytes = new byte[LargeChunkBytes];
        while (await FrameAsync(peer) is { Kind: ChunkFrameKind.Chunk } frame)
        {
            Assert.Equal(chunks++, frame.Index);
            await peer.ReceiveAsync(bytes.AsMemory(0, frame.LengthBytes));
        }

        Assert.True(ChunkFrame.TryRead(peer.ReceivedFrame, out var last));
        Assert.Equal(new ChunkFrame(ChunkFrameKind.Abort), last);
        Assert.True(chunks < LargeChunks, "the whole copy was sent");
        await SendAsync(peer, request);
        Assert.Equal(DataReply.Refuse(DataRefusal.NotHeld), await ReplyAsync(peer));
    }

    /// <summary>Strangers decide how many lines they cause. So there is one line in ten seconds, and it counts the others.</summary>
    [Fact]
    public async Task Strangers_ByTheDozen_AreOneLineOfTheLogAndAllCounted()
    {
        var (time, log, counters) = (new FakeTimeProvider(), new LogLines<DataPort>(), new TransferCounters());
        await using var port = new DataPort(_host.Memory, TestHost.Secret, Job, new TransferOptions(), time, counters, new ProbeTurn(), log);
        await port.StartAsync(new IPEndPoint(IPAddress.Loopback, 0));
        for (var stranger = 1; stranger <= 12; stranger++) await KnockAsync(stranger);
        time.Advance(TimeSpan.FromSeconds(10));
        await KnockAsync(13);

        var lines = log.Lines.Where(line => line.Level == LogLevel.Warning).Select(line => line.Text[line.Text.IndexOf(" at ", StringComparison.Ordinal)..]);
        Assert.Equal(
            [
                " at the data port: it does not speak this protocol. Since the last such line 0 others were refused.",
                " at the data port: it does not speak this protocol. Since the last such line 11 others were refused.",
            ],
            lines);

        async Task KnockAsync(int refusals)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(port.Endpoint, Token);
            await socket.SendAsync(new byte[DataPortHello.SizeBytes], Token);
            await Wait.UntilAsync(() => counters.Report.RefusedPeers == refusals && log.Lines.Count > 0, $"refusal {refusals}");
            await Wait.UntilAsync(() => port.ConnectionCount == 0, "the end of the session");
        }
    }

    /// <summary>A host with two copies of 48 MiB, far more than the buffers of a connection.</summary>
    private static async Task<TestHost> LargeHostAsync(TimeSpan chunkTimeout)
    {
        var host = await new TestHost(LargeChunkBytes, options: new TransferOptions { ChunkTimeout = chunkTimeout }).ListenAsync();
        host.Memory.EnsureShard(Zero, (long)LargeChunks * LargeChunkBytes);
        for (var slot = 0; slot < 2; slot++)
        {
            using var trainer = host.Files.Trainer(Zero, slot);
            trainer.Begin(Snapshot(5 + slot));
            for (var index = 0; index < LargeChunks; index++) trainer.Segment.ChunkHashes[index] = XxHash3.HashToUInt64(trainer.Segment.Chunk(index));
            trainer.Segment.AdvanceCaptured(trainer.Segment.PayloadBytes);
            trainer.Segment.Seal();
        }

        return host;
    }

    /// <summary>A receive that needs the slot of snapshot 5: a reader of it would make this busy.</summary>
    private static ReceiveRequest LargeRequest(TestHost host)
    {
        Assert.Equal(2, host.Memory.Inventory().Length);
        return new ReceiveRequest(Zero, Snapshot(7), new Epoch(1), new Iteration(6), (long)LargeChunks * LargeChunkBytes, LargeChunkBytes);
    }

    private static DataRequest Replicate(long iteration, long keep = 5) =>
        new(DataRequestKind.Replicate, Zero, new Epoch(1), Snapshot(iteration), new Iteration(keep), PayloadBytes, ChunkBytes);

    private static byte[] ChunkOf(int index, long iteration)
    {
        var chunk = new byte[Math.Min(ChunkBytes, PayloadBytes - (index * ChunkBytes))];
        TestTrainer.Fill(chunk, Snapshot(iteration), index);
        return chunk;
    }

    /// <summary>All that a peer sends to replicate a snapshot, from the request to the seal, and the hash of the whole.</summary>
    private static (byte[] Bytes, ContentHash Hash) Conversation(long iteration)
    {
        using var stream = new MemoryStream();
        var frame = new byte[DataRequest.SizeBytes];
        Replicate(iteration).Write(frame);
        stream.Write(frame);
        var table = new ulong[10];
        for (var index = 0; index < table.Length; index++)
        {
            var chunk = ChunkOf(index, iteration);
            table[index] = XxHash3.HashToUInt64(chunk);
            new ChunkFrame(ChunkFrameKind.Chunk, index, chunk.Length, table[index]).Write(frame);
            stream.Write(frame, 0, ChunkFrame.SizeBytes);
            stream.Write(chunk);
        }

        var hash = new ContentHash(XxHash3.HashToUInt64(MemoryMarshal.AsBytes<ulong>(table)));
        new ChunkFrame(ChunkFrameKind.Seal, table.Length, 0, hash.Value).Write(frame);
        stream.Write(frame, 0, ChunkFrame.SizeBytes);
        return (stream.ToArray(), hash);
    }

    private static async Task SendAsync(DataConnection peer, DataRequest request)
    {
        request.Write(peer.SendFrame);
        await peer.SendFrameAsync(DataRequest.SizeBytes);
    }

    private static async Task<DataReply> ReplyAsync(DataConnection peer)
    {
        await peer.ReceiveFrameAsync(DataReply.SizeBytes);
        Assert.True(DataReply.TryRead(peer.ReceivedFrame, out var reply));
        return reply;
    }

    private static async Task<ChunkFrame> FrameAsync(DataConnection peer)
    {
        await peer.ReceiveFrameAsync(ChunkFrame.SizeBytes);
        Assert.True(ChunkFrame.TryRead(peer.ReceivedFrame, out var frame));
        return frame;
    }

    private async Task<DataConnection> ConnectAsync(TestHost? host = null)
    {
        var (connection, problem) = await (host ?? _host).Connector.ConnectAsync((host ?? _host).Endpoint, Token);
        Assert.True(connection is not null, problem);
        connection.Arm(Wait.Limit);
        return connection;
    }

    /// <summary>A bare socket that has passed the handshake, so that a test can end it as it likes.</summary>
    private async Task<Socket> OpenProvenAsync()
    {
        Socket? socket = null;
        var connector = new DataConnector(
            TestHost.Secret, Job, Patient, TimeProvider.System, new TransferCounters(),
            () => socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var (connection, problem) = await connector.ConnectAsync(_host.Endpoint, Token);
        Assert.True(connection is not null, problem);
        return socket!;
    }

    private void AssertOnlyTheCommitted()
    {
        Assert.Equal(new Replica(Zero, Snapshot(5), _committed, PayloadBytes), Assert.Single(_host.Memory.Inventory()));
        Assert.True(_host.Memory.Verify(Zero, Snapshot(5), _committed, out _));
    }
}
