using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;
using Verdict = Gemini.Trainer.Client.Collectives.RingHandshake.Verdict;

namespace Gemini.Trainer.Tests.Client.Collectives;

/// <summary>The conversation of two neighbours before they are in a ring, each side against the real other side and against one that a test plays.</summary>
public sealed class RingHandshakeTests : IDisposable
{
    private const int HelloBytes = 60;
    private const int AnswerBytes = 65;
    private const int ProofBytes = 32;

    private readonly SocketPair _pair = new();
    private readonly CancellationTokenSource _limit = new(TestRings.Limit);

    public void Dispose()
    {
        _pair.Dispose();
        _limit.Dispose();
    }

    [Theory]
    [InlineData(0, 1, 3)]
    [InlineData(1, 2, 3)]
    [InlineData(2, 0, 3)]
    [InlineData(1, 0, 2)]
    [InlineData(0, 0, 1)]
    public async Task Handshake_OfNeighbours_IsAcceptedByBoth(int rank, int next, int worldSize) =>
        Assert.Equal((Verdict.Accepted, Verdict.Accepted), await TalkAsync(Identity(rank, worldSize), Identity(next, worldSize)));

    /// <summary>The acceptor is rank 1 of 3 in epoch 7. A peer of another epoch may try again, so the epoch decides first.</summary>
    [Theory]
    [InlineData(0, 3, 6, nameof(Verdict.WrongEpoch))]
    [InlineData(0, 3, 8, nameof(Verdict.WrongEpoch))]
    [InlineData(0, 3, -7, nameof(Verdict.WrongEpoch))]
    [InlineData(0, 3, long.MaxValue, nameof(Verdict.WrongEpoch))]
    [InlineData(2, 4, 6, nameof(Verdict.WrongEpoch))]
    [InlineData(1, 3, 7, nameof(Verdict.WrongRank))]
    [InlineData(2, 3, 7, nameof(Verdict.WrongRank))]
    [InlineData(0, 2, 7, nameof(Verdict.WrongRank))]
    [InlineData(0, 4, 7, nameof(Verdict.WrongRank))]
    public async Task Handshake_PeersDisagree_BothGetTheSameVerdict(int rank, int worldSize, long epoch, string verdict)
    {
        var expected = Enum.Parse<Verdict>(verdict);
        Assert.Equal((expected, expected), await TalkAsync(Identity(rank, worldSize, epoch), Identity(1, 3)));
    }

    /// <summary>The connector checks the acceptor first. It does not show its own proof to a peer without the secret.</summary>
    [Fact]
    public async Task Propose_AcceptorHasAnotherSecret_EndsWithoutAProof()
    {
        var answering = RingHandshake.AnswerAsync(_pair.Far, Identity(1, 3) with { Secret = JobSecret.Generate() }, _limit.Token);

        Assert.Equal(Verdict.WrongSecret, await RingHandshake.ProposeAsync(_pair.Near, Identity(0, 3), _limit.Token));

        _pair.Near.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => answering);
    }

    [Fact]
    public async Task Handshake_NeitherHasASecret_IsAccepted()
    {
        RingIdentity first = Identity(0, 2) with { Secret = JobSecret.None }, second = Identity(1, 2) with { Secret = JobSecret.None };
        Assert.Equal((Verdict.Accepted, Verdict.Accepted), await TalkAsync(first, second));
    }

    /// <summary>One bit of each byte of the hello. The nonce may be anything.</summary>
    [Fact]
    public async Task Answer_OneByteOfTheHelloDiffers_IsNotAccepted()
    {
        var hello = await HelloAsync(Identity(0, 3));
        for (var changed = 0; changed < 28; changed++)
        {
            var expected = changed switch { < 12 => Verdict.Malformed, < 20 => Verdict.WrongRank, _ => Verdict.WrongEpoch };
            using var pair = new SocketPair();
            var answering = RingHandshake.AnswerAsync(pair.Near, Identity(1, 3), _limit.Token);
            byte[] other = [.. hello];
            other[changed] ^= 0x10;
            await pair.Far.SendAsync(other, _limit.Token);

            var answer = await SocketPair.ReadAsync(pair.Far, AnswerBytes, _limit.Token);
            Assert.Equal((changed, (byte)expected), (changed, answer[0]));
            // A refusal contains neither a nonce nor a proof.
            Assert.All(answer[1..], value => Assert.Equal(0, value));
            Assert.Equal(expected, await answering);
        }
    }

    [Fact]
    public async Task Answer_HelloInSinglePieces_IsAccepted()
    {
        var answering = RingHandshake.AnswerAsync(_pair.Near, Identity(1, 3), _limit.Token);
        var hello = await HelloAsync(Identity(0, 3));
        foreach (var value in hello) await _pair.Far.SendAsync(new[] { value }, _limit.Token);

        var answer = await SocketPair.ReadAsync(_pair.Far, AnswerBytes, _limit.Token);
        await _pair.Far.SendAsync(MutualProof.OfRing(TestRings.Secret).Prove(HandshakeRole.Client, hello, answer.AsSpan(1, 32)), _limit.Token);

        Assert.Equal(Verdict.Accepted, await answering);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(HelloBytes - 1)]
    public async Task Answer_ConnectionEndsInTheHello_Throws(int bytes)
    {
        var answering = RingHandshake.AnswerAsync(_pair.Near, Identity(1, 3), _limit.Token);
        var hello = await HelloAsync(Identity(0, 3));
        if (bytes > 0) await _pair.Far.SendAsync(hello.AsMemory(0, bytes), _limit.Token);
        _pair.Far.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => answering);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(ProofBytes - 1)]
    public async Task Answer_ConnectionEndsInTheProof_Throws(int bytes)
    {
        var answering = RingHandshake.AnswerAsync(_pair.Near, Identity(1, 3), _limit.Token);
        await _pair.Far.SendAsync(await HelloAsync(Identity(0, 3)), _limit.Token);
        await SocketPair.ReadAsync(_pair.Far, AnswerBytes, _limit.Token);
        if (bytes > 0) await _pair.Far.SendAsync(new byte[bytes], _limit.Token);
        _pair.Far.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => answering);
    }

    public static TheoryData<string> Forgeries => ["noise", "reflected", "recorded", "of another hello"];

    /// <summary>What a peer without the secret can send instead of a proof.</summary>
    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task Answer_ProofIsForged_SaysThatTheSecretIsWrong(string forgery)
    {
        var (hello, recorded) = await RecordAsync();
        var answering = RingHandshake.AnswerAsync(_pair.Near, Identity(1, 3), _limit.Token);
        await _pair.Far.SendAsync(hello, _limit.Token);
        var answer = await SocketPair.ReadAsync(_pair.Far, AnswerBytes, _limit.Token);
        Assert.Equal((byte)Verdict.Accepted, answer[0]);

        var otherHello = await HelloAsync(Identity(0, 3, epoch: 6));
        byte[] forged = forgery switch
        {
            "reflected" => answer[33..],
            "recorded" => recorded,
            "of another hello" => MutualProof.OfRing(TestRings.Secret).Prove(HandshakeRole.Client, otherHello, answer.AsSpan(1, 32)),
            _ => RandomNumberGenerator.GetBytes(ProofBytes),
        };
        await _pair.Far.SendAsync(forged, _limit.Token);

        Assert.Equal((byte)Verdict.WrongSecret, Assert.Single(await SocketPair.ReadAsync(_pair.Far, 1, _limit.Token)));
        Assert.Equal(Verdict.WrongSecret, await answering);
    }

    [Fact]
    public async Task Answer_SameHelloTwice_HasAnotherNonceAndProof()
    {
        var hello = await HelloAsync(Identity(0, 3));
        var answers = new List<byte[]>();
        for (var time = 0; time < 2; time++)
        {
            using var pair = new SocketPair();
            var answering = RingHandshake.AnswerAsync(pair.Near, Identity(1, 3), _limit.Token);
            await pair.Far.SendAsync(hello, _limit.Token);
            answers.Add(await SocketPair.ReadAsync(pair.Far, AnswerBytes, _limit.Token));
            pair.Far.Dispose();
            await Assert.ThrowsAsync<SocketException>(() => answering);
        }

        Assert.NotEqual(answers[0][1..33], answers[1][1..33]);
        Assert.NotEqual(answers[0][33..], answers[1][33..]);
    }

    [Fact]
    public async Task Propose_Twice_HasAnotherNonceInAnOtherwiseEqualHello()
    {
        byte[] first = await HelloAsync(Identity(0, 3)), second = await HelloAsync(Identity(0, 3));
        Assert.Equal(first[..28], second[..28]);
        Assert.NotEqual(first[28..], second[28..]);
    }

    /// <summary>Also a verdict that this version does not know: the connector returns it and sends no proof.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(255)]
    public async Task Propose_IsRefused_ReturnsTheVerdictAndSendsNothingMore(byte verdict)
    {
        var proposing = RingHandshake.ProposeAsync(_pair.Near, Identity(0, 3), _limit.Token);
        await SocketPair.ReadAsync(_pair.Far, HelloBytes, _limit.Token);
        var answer = new byte[AnswerBytes];
        answer[0] = verdict;
        await _pair.Far.SendAsync(answer, _limit.Token);

        Assert.Equal(verdict, (byte)await proposing);
        _pair.Near.Shutdown(SocketShutdown.Send);
        Assert.Empty(await SocketPair.ReadToEndAsync(_pair.Far, 100, _limit.Token));
    }

    /// <summary>The acceptor can only repeat what the connector sent, or guess.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Propose_AcceptorsProofIsForged_SendsNothingMore(bool isOwnRole)
    {
        var proposing = RingHandshake.ProposeAsync(_pair.Near, Identity(0, 3), _limit.Token);
        var hello = await SocketPair.ReadAsync(_pair.Far, HelloBytes, _limit.Token);
        var nonce = MutualProof.NewNonce();
        var proof = isOwnRole ? MutualProof.OfRing(TestRings.Secret).Prove(HandshakeRole.Client, hello, nonce) : new byte[ProofBytes];
        await _pair.Far.SendAsync((byte[])[(byte)Verdict.Accepted, .. nonce, .. proof], _limit.Token);

        Assert.Equal(Verdict.WrongSecret, await proposing);
        _pair.Near.Shutdown(SocketShutdown.Send);
        Assert.Empty(await SocketPair.ReadToEndAsync(_pair.Far, 100, _limit.Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(AnswerBytes - 1)]
    public async Task Propose_ConnectionEndsInTheAnswer_Throws(int bytes)
    {
        var proposing = RingHandshake.ProposeAsync(_pair.Near, Identity(0, 3), _limit.Token);
        await SocketPair.ReadAsync(_pair.Far, HelloBytes, _limit.Token);
        if (bytes > 0) await _pair.Far.SendAsync(new byte[bytes], _limit.Token);
        _pair.Far.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => proposing);
    }

    [Fact]
    public async Task Propose_ConnectionEndsBeforeTheVerdict_Throws()
    {
        var proposing = RingHandshake.ProposeAsync(_pair.Near, Identity(0, 3), _limit.Token);
        var hello = await SocketPair.ReadAsync(_pair.Far, HelloBytes, _limit.Token);
        var nonce = MutualProof.NewNonce();
        var proof = MutualProof.OfRing(TestRings.Secret).Prove(HandshakeRole.Server, hello, nonce);
        await _pair.Far.SendAsync((byte[])[(byte)Verdict.Accepted, .. nonce, .. proof], _limit.Token);
        await SocketPair.ReadAsync(_pair.Far, ProofBytes, _limit.Token);
        _pair.Far.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => proposing);
    }

    [Fact]
    public async Task BothSides_PeerIsSilent_WaitUntilCancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        var answering = RingHandshake.AnswerAsync(_pair.Near, Identity(1, 3), stop.Token);
        using var other = new SocketPair();
        var proposing = RingHandshake.ProposeAsync(other.Near, Identity(0, 3), stop.Token);
        await SocketPair.ReadAsync(other.Far, HelloBytes, _limit.Token);
        Assert.False(answering.IsCompleted || proposing.IsCompleted);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => proposing);
    }

    private static RingIdentity Identity(int rank, int worldSize, long epoch = 7) => new(rank, worldSize, epoch, TestRings.Secret);

    private async Task<(Verdict Connector, Verdict Acceptor)> TalkAsync(RingIdentity connector, RingIdentity acceptor)
    {
        var answering = RingHandshake.AnswerAsync(_pair.Far, acceptor, _limit.Token);
        var proposed = await RingHandshake.ProposeAsync(_pair.Near, connector, _limit.Token);
        return (proposed, await answering);
    }

    /// <summary>The first message of a connector.</summary>
    private async Task<byte[]> HelloAsync(RingIdentity connector)
    {
        using var pair = new SocketPair();
        var proposing = RingHandshake.ProposeAsync(pair.Near, connector, _limit.Token);
        var hello = await SocketPair.ReadAsync(pair.Far, HelloBytes, _limit.Token);
        pair.Far.Dispose();
        await Assert.ThrowsAsync<SocketException>(() => proposing);
        return hello;
    }

    /// <summary>What a stranger hears of a handshake that succeeds: the connector's hello and proof.</summary>
    private async Task<(byte[] Hello, byte[] Proof)> RecordAsync()
    {
        using SocketPair left = new(), right = new();
        var proposing = RingHandshake.ProposeAsync(left.Near, Identity(0, 3), _limit.Token);
        var answering = RingHandshake.AnswerAsync(right.Near, Identity(1, 3), _limit.Token);
        var hello = await PassOnAsync(left.Far, right.Far, HelloBytes);
        await PassOnAsync(right.Far, left.Far, AnswerBytes);
        var proof = await PassOnAsync(left.Far, right.Far, ProofBytes);
        await PassOnAsync(right.Far, left.Far, 1);
        Assert.Equal((Verdict.Accepted, Verdict.Accepted), (await proposing, await answering));
        return (hello, proof);
    }

    private async Task<byte[]> PassOnAsync(Socket from, Socket to, int size)
    {
        var bytes = await SocketPair.ReadAsync(from, size, _limit.Token);
        await to.SendAsync(bytes, _limit.Token);
        return bytes;
    }
}
