using Gemini.Interfaces.Wire;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Time.Testing;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The accepting side of the handshake: why a peer is refused.</summary>
public sealed class DataHandshakeTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly FakeTimeProvider _time = new();
    private readonly DataHandshake _handshake = new(TestHost.Secret, Job, Limit);
    private ConnectedPair _wire = null!;

    public async ValueTask InitializeAsync() => _wire = await ConnectedPair.OpenAsync(_time);

    public ValueTask DisposeAsync()
    {
        _wire.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(0, "it does not speak this protocol")]
    [InlineData(8, "it speaks version 0, this host version 1")]
    [InlineData(16, "it belongs to another job")]
    [InlineData(16 + 63, "it belongs to another job")]
    public async Task Hello_OneBitIsWrong_IsRefusedByNameAndToldNothing(int offset, string reason)
    {
        var accepting = AcceptAsync();
        DataPortHello.Write(_wire.Peer.SendFrame, Job, MutualProof.NewNonce());
        _wire.Peer.SendFrame[offset] ^= 1;
        await _wire.Peer.SendFrameAsync(DataPortHello.SizeBytes);
        Assert.Equal(reason, await accepting);
        await AssertNothingMoreIsSentAsync();
    }

    [Theory]
    [InlineData("another secret, quite long", Job)]
    [InlineData("a secret for tests only", "another-job")]
    public async Task Proof_OfAnotherSecretOrJob_IsRefused(string secret, string job)
    {
        var accepting = AcceptAsync();
        var stranger = MutualProof.OfDataPort(new JobSecret(System.Text.Encoding.UTF8.GetBytes(secret)), job);
        var nonce = MutualProof.NewNonce();
        var challenge = await SayHelloAsync(nonce);
        await _wire.Peer.SendAsync(stranger.Prove(HandshakeRole.Client, challenge, nonce));
        Assert.Equal("it does not know the job's secret", await accepting);
        await AssertNothingMoreIsSentAsync();
    }

    /// <summary>Somebody who has read an earlier connection sends the same bytes again. The new challenge makes them worthless.</summary>
    [Fact]
    public async Task Proof_OfAnEarlierConnection_IsRefused()
    {
        var nonce = MutualProof.NewNonce();
        var first = AcceptAsync();
        var proof = MutualProof.OfDataPort(TestHost.Secret, Job).Prove(HandshakeRole.Client, await SayHelloAsync(nonce), nonce);
        await _wire.Peer.SendAsync(proof);
        Assert.Null(await first);

        using var again = await ConnectedPair.OpenAsync(_time);
        var second = _handshake.AcceptAsync(again.Tested, () => true);
        DataPortHello.Write(again.Peer.SendFrame, Job, nonce);
        await again.Peer.SendFrameAsync(DataPortHello.SizeBytes);
        await again.Peer.SendAsync(proof);
        Assert.Equal("it does not know the job's secret", await second);
    }

    /// <summary>Whether there is room is asked only for a peer that has proved itself, and such a peer gets no proof either.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NoRoom_IsSaidOnlyOfAPeerThatKnowsTheSecret(bool knowsTheSecret)
    {
        var asked = 0;
        var accepting = _handshake.AcceptAsync(_wire.Tested, () =>
        {
            asked++;
            return false;
        });
        var nonce = MutualProof.NewNonce();
        var proof = MutualProof.OfDataPort(TestHost.Secret, Job).Prove(HandshakeRole.Client, await SayHelloAsync(nonce), nonce);
        if (!knowsTheSecret) proof[0] ^= 1;
        await _wire.Peer.SendAsync(proof);
        Assert.Equal(knowsTheSecret ? "this port has reached its limit of connections" : "it does not know the job's secret", await accepting);
        Assert.Equal(knowsTheSecret ? 1 : 0, asked);
        await AssertNothingMoreIsSentAsync();
    }

    /// <summary>The limit is for the whole handshake: a peer that sends something from time to time does not get more time.</summary>
    [Fact]
    public async Task SlowPeer_LosesItsConnectionAtTheLimit()
    {
        var accepting = AcceptAsync();
        _time.Advance(Limit / 2);
        var nonce = MutualProof.NewNonce();
        await SayHelloAsync(nonce);
        _time.Advance((Limit / 2) - TimeSpan.FromTicks(1));
        Assert.False(accepting.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting.WaitAsync(Wait.Limit));
    }

    private Task<string?> AcceptAsync() => _handshake.AcceptAsync(_wire.Tested, () => true);

    private async Task<byte[]> SayHelloAsync(byte[] nonce)
    {
        DataPortHello.Write(_wire.Peer.SendFrame, Job, nonce);
        await _wire.Peer.SendFrameAsync(DataPortHello.SizeBytes);
        await _wire.Peer.ReceiveFrameAsync(JobSecret.NonceBytes);
        return _wire.Peer.ReceivedFrame[..JobSecret.NonceBytes].ToArray();
    }

    private async Task AssertNothingMoreIsSentAsync()
    {
        _wire.Tested.Dispose();
        var error = await Record.ExceptionAsync(() => _wire.Peer.ReceiveFrameAsync(1).AsTask());
        Assert.True(error is not null && DataConnection.IsConnectionFailure(error), $"it is {error}");
    }
}
