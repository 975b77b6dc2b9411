using System.Net;
using System.Net.Sockets;
using CsCheck;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Memory;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Transfer;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>A peer that lies can only end its own connection.</summary>
public sealed class HostilePeerTests : IAsyncLifetime
{
    private static readonly Rank Zero = new(0);
    private readonly TransferOptions _options = new();
    private TestHost _host = null!;
    private ContentHash _committed;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await new TestHost(options: _options).ListenAsync();
        _host.Memory.EnsureShard(Zero, PayloadBytes);
        _host.Memory.EnsureShard(new Rank(1), PayloadBytes, ShardRole.Own);
        _committed = _host.Files.Capture(Zero, 0, Snapshot(5));
        _host.Files.Capture(new Rank(1), 0, Snapshot(5));
        _host.Files.Capture(new Rank(1), 1, Snapshot(6));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("another secret, quite long", Job)]
    [InlineData("a secret for tests only", "another-job")]
    public async Task Connect_WrongSecretOrJob_IsRefused(string secret, string job)
    {
        var connector = new DataConnector(
            new JobSecret(System.Text.Encoding.UTF8.GetBytes(secret)), job, new TransferOptions(), TimeProvider.System, new TransferCounters());
        var (connection, problem) = await connector.ConnectAsync(_host.Endpoint, Token);
        Assert.Null(connection);
        Assert.Equal("the peer refused the handshake: another job, another secret, or another version", problem);
        await Wait.UntilAsync(() => _host.Counters.Report.RefusedPeers == 1, "the refusal counted");
    }

    [Fact]
    public async Task Connect_ServerWithoutTheSecret_IsRefusedByTheClient()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var connect = _host.Connector.ConnectAsync(listener.LocalEndPoint!.ToString()!, Token);
        using var impostor = new DataConnection(await listener.AcceptAsync(Token), TimeProvider.System);
        await impostor.ReceiveFrameAsync(DataPortHello.SizeBytes);
        await impostor.SendAsync(new byte[JobSecret.NonceBytes]);
        await impostor.ReceiveFrameAsync(JobSecret.ProofBytes);
        // Send the client's own proof back. It is not accepted, because a proof contains the role.
        await impostor.SendAsync(impostor.ReceivedFrame[..JobSecret.ProofBytes].ToArray());
        Assert.Equal("the peer does not know the job's secret", (await connect).Problem);
    }

    [Fact]
    public async Task Connect_GarbageSilenceOrTruncation_IsToldNothing()
    {
        _options.HandshakeTimeout = TimeSpan.FromMilliseconds(100);
        await using var port = _host.NewPort();
        await port.StartAsync(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] hello = new byte[DataPortHello.SizeBytes];
        DataPortHello.Write(hello, Job, new byte[JobSecret.NonceBytes]);
        byte[] otherVersion = [.. hello];
        otherVersion[8]++;
        foreach (var opening in new[] { new byte[200], [], hello[..50], otherVersion })
        {
            using var socket = await OpenAsync(port);
            if (opening.Length > 0) await socket.SendAsync(opening, Token);
            Assert.Equal(0, await ReadToEndAsync(socket));
        }

        using var unproven = await OpenAsync(_host.Port);
        await unproven.SendAsync(hello, Token);
        await unproven.SendAsync(new byte[JobSecret.ProofBytes], Token);
        Assert.Equal(JobSecret.NonceBytes, await ReadToEndAsync(unproven));
        await Wait.UntilAsync(() => _host.Counters.Report.RefusedPeers == 5, "five refusals counted");
    }

    [Fact]
    public async Task Request_ThatCannotBe_EndsTheConnectionByName()
    {
        foreach (var (offset, value) in new[] { (0, 9), (4, -1), (48, -1), (12, -1), (12, int.MaxValue), (28, int.MaxValue), (20, -1), (28, -1), (36, -1), (44, -1), (52, 1) })
        {
            using var peer = await ConnectAsync();
            Good().Write(peer.SendFrame);
            BitConverter.TryWriteBytes(peer.SendFrame[offset..], value);
            await peer.SendFrameAsync(DataRequest.SizeBytes);
            Assert.Equal(DataRefusal.Malformed, (await ReplyAsync(peer)).Reason);
            await Assert.ThrowsAsync<EndOfStreamException>(() => peer.ReceiveFrameAsync(1).AsTask());
        }

        AssertUntouched();
    }

    [Fact]
    public async Task Request_Refused_LeavesTheConnectionInUse()
    {
        using var peer = await ConnectAsync();
        foreach (var (request, reason) in new[]
        {
            (Good() with { Owner = new Rank(1) }, DataRefusal.OwnShard),
            (Good() with { Owner = new Rank(9) }, DataRefusal.UnknownShard),
            (Good() with { Owner = new Rank(int.MaxValue) }, DataRefusal.UnknownShard),
            (Good() with { PayloadBytes = long.MaxValue }, DataRefusal.SizeMismatch),
            (Good() with { PayloadBytes = 0 }, DataRefusal.SizeMismatch),
            (Good() with { ChunkBytes = int.MaxValue }, DataRefusal.SizeMismatch),
            (Good() with { ChunkBytes = 0 }, DataRefusal.SizeMismatch),
            (Good() with { Epoch = Epoch.Zero }, DataRefusal.StaleEpoch),
            (Good() with { Kind = DataRequestKind.Fetch, Snapshot = Snapshot(long.MaxValue) }, DataRefusal.NotHeld),
        })
        {
            request.Write(peer.SendFrame);
            await peer.SendFrameAsync(DataRequest.SizeBytes);
            Assert.Equal(reason, (await ReplyAsync(peer)).Reason);
        }

        Assert.Equal(DataReplyKind.Accept, await BeginAsync(peer));
        AssertUntouched();
    }

    /// <summary>A frame that comes too early or too late, is too long or too short, or has an unknown kind.</summary>
    [Theory]
    [InlineData(1, 1, ChunkBytes)]
    [InlineData(1, 10, ChunkBytes)]
    [InlineData(1, int.MaxValue, ChunkBytes)]
    [InlineData(1, -1, ChunkBytes)]
    [InlineData(1, 0, ChunkBytes + 1)]
    [InlineData(1, 0, ChunkBytes - 1)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 0, int.MaxValue)]
    [InlineData(1, 0, -1)]
    [InlineData(2, 0, 0)]
    [InlineData(2, 10, 0)]
    [InlineData(2, 10, 1)]
    [InlineData(0, 0, ChunkBytes)]
    [InlineData(77, 0, ChunkBytes)]
    public async Task Frame_ThatCannotBe_EndsTheTransferByNameAndWritesNothing(int kind, int index, int lengthBytes)
    {
        using var peer = await ConnectAsync();
        Assert.Equal(DataReplyKind.Accept, await BeginAsync(peer));
        await ChunkStream.SendEndAsync(peer, new ChunkFrame((ChunkFrameKind)kind, index, lengthBytes, 1));
        Assert.Equal(DataRefusal.Malformed, (await ReplyAsync(peer)).Reason);
        await Assert.ThrowsAsync<EndOfStreamException>(() => peer.ReceiveFrameAsync(1).AsTask());
        Assert.Equal(1, _host.Counters.Report.MalformedFrames);
        AssertUntouched();
    }

    [Fact]
    public async Task Chunk_NeverArrives_TheSlotIsFreeAfterTheTimeout()
    {
        _options.ChunkTimeout = TimeSpan.FromMilliseconds(100);
        using var peer = await ConnectAsync();
        Assert.Equal(DataReplyKind.Accept, await BeginAsync(peer));
        await ChunkStream.SendEndAsync(peer, new ChunkFrame(ChunkFrameKind.Chunk, 0, ChunkBytes, 1));
        await Assert.ThrowsAsync<EndOfStreamException>(() => peer.ReceiveFrameAsync(1).AsTask());
        using var next = await ConnectAsync();
        Assert.Equal(DataReplyKind.Accept, await BeginAsync(next));
        AssertUntouched();
    }

    [Fact]
    public void Frames_AnySequence_NeverChangeAnythingElse()
    {
        var frame = Gen.Select(Gen.OneOf(Gen.Int[0, 4], Gen.Int), Gen.OneOf(Gen.Int[-1, 11], Gen.Int), Gen.OneOf(Gen.Int[0, 2 * ChunkBytes], Gen.Int), Gen.Int[0, 9000]);
        frame.Array[1, 6].Sample(
            frames => AttackAsync(frames).GetAwaiter().GetResult(),
            iter: 60, threads: 1);
    }

    private static DataRequest Good() =>
        new(DataRequestKind.Replicate, Zero, new Epoch(1), Snapshot(7), new Iteration(5), PayloadBytes, ChunkBytes);

    private static async Task<DataReplyKind> BeginAsync(DataConnection peer)
    {
        Good().Write(peer.SendFrame);
        await peer.SendFrameAsync(DataRequest.SizeBytes);
        return (await ReplyAsync(peer)).Kind;
    }

    private static async Task<DataReply> ReplyAsync(DataConnection peer)
    {
        await peer.ReceiveFrameAsync(DataReply.SizeBytes);
        Assert.True(DataReply.TryRead(peer.ReceivedFrame, out var reply));
        return reply;
    }

    private static async Task<int> ReadToEndAsync(Socket socket)
    {
        var (buffer, total) = (new byte[4096], 0);
        try
        {
            while (await socket.ReceiveAsync(buffer, Token) is > 0 and var bytes) total += bytes;
        }
        catch (SocketException)
        {
            // A reset also ends the connection.
        }

        return total;
    }

    private static async Task<Socket> OpenAsync(DataPort port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(port.Endpoint, Token);
        return socket;
    }

    private async Task AttackAsync((int Kind, int Index, int LengthBytes, int FollowingBytes)[] frames)
    {
        using var peer = await ConnectAsync();
        try
        {
            await BeginAsync(peer);
            foreach (var (kind, index, lengthBytes, followingBytes) in frames)
            {
                await ChunkStream.SendEndAsync(peer, new ChunkFrame((ChunkFrameKind)kind, index, lengthBytes, 1));
                await peer.SendAsync(new byte[followingBytes]);
            }
        }
        catch (Exception error) when (DataConnection.IsConnectionFailure(error))
        {
            // The host closed the connection, as it should.
        }

        AssertUntouched();
    }

    private async Task<DataConnection> ConnectAsync()
    {
        var (connection, problem) = await _host.Connector.ConnectAsync(_host.Endpoint, Token);
        Assert.True(connection is not null, problem);
        connection.Arm(Wait.Limit);
        return connection;
    }

    /// <summary>Everything is unchanged, except the one slot that a receive of shard 0 may take.</summary>
    private void AssertUntouched()
    {
        Assert.True(_host.Memory.Verify(Zero, Snapshot(5), _committed, out _));
        using var own0 = _host.Files.Trainer(new Rank(1), 0);
        using var own1 = _host.Files.Trainer(new Rank(1), 1);
        Assert.True(own0.HasContentOf(Snapshot(5)) && own1.HasContentOf(Snapshot(6)));
        Assert.Equal(3, _host.Memory.Inventory().Length);
        using var target = _host.Files.Trainer(Zero, 1);
        Assert.Equal((Zero, PayloadBytes, ChunkBytes, Job), (target.Segment.Owner, target.Segment.PayloadBytes, target.Segment.ChunkBytes, target.Segment.JobName));
    }
}
