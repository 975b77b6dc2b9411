using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Time.Testing;
using static Gemini.Silo.Tests.Memory.TestMemory;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The connecting side: what an endpoint may look like, and how each failure is told.</summary>
public sealed class DataConnectorTests : IDisposable
{
    private static readonly TransferOptions Options = new();

    private readonly FakeTimeProvider _time = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly DataConnector _connector;

    public DataConnectorTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _connector = new DataConnector(TestHost.Secret, Job, Options, _time, new TransferCounters());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Endpoint => _listener.LocalEndPoint!.ToString()!;

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData("nonsense")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData(":11112")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host:+1")]
    [InlineData("host: 1")]
    public async Task Connect_EndpointThatCannotBe_IsToldWithoutAnAttempt(string endpoint)
    {
        var connector = new DataConnector(
            TestHost.Secret, Job, Options, _time, new TransferCounters(), () => throw new InvalidOperationException("a socket was opened"));
        Assert.Equal((null, $"'{endpoint}' is not an address and a port"), await connector.ConnectAsync(endpoint, Token));
    }

    [Fact]
    public async Task Connect_NameInsteadOfAnAddress_IsResolved()
    {
        await using var host = await new TestHost().ListenAsync();
        var (connection, problem) = await _connector.ConnectAsync($"localhost:{host.Port.Endpoint.Port}", Token);
        Assert.True(connection is not null, problem);
        connection.Dispose();
    }

    [Fact]
    public async Task Connect_PeerSaysNothing_IsGivenUpAtTheLimit()
    {
        var connecting = _connector.ConnectAsync(Endpoint, Token);
        using var silent = await AcceptAsync();
        _time.Advance(Options.HandshakeTimeout - TimeSpan.FromTicks(1));
        Assert.False(connecting.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal((null, "the handshake failed: it took too long, or was told to end"), await connecting.WaitAsync(Wait.Limit, Token));
    }

    [Fact]
    public async Task Connect_PeerResetsTheConnection_TheReasonIsTheSystems()
    {
        var connecting = _connector.ConnectAsync(Endpoint, Token);
        var peer = await AcceptAsync();
        peer.LingerState = new LingerOption(enable: true, seconds: 0);
        peer.Dispose();
        Assert.Equal((null, "the handshake failed: Connection reset by peer"), await connecting);
    }

    [Fact]
    public async Task Connect_PeerEndsAfterItsChallenge_IsARefusal()
    {
        var connecting = _connector.ConnectAsync(Endpoint, Token);
        using (var peer = await AcceptAsync())
        {
            await peer.SendAsync(MutualProof.NewNonce(), Token);
            var proof = new byte[JobSecret.ProofBytes];
            for (var received = 0; received < proof.Length;) received += await peer.ReceiveAsync(proof.AsMemory(received), Token);
        }

        Assert.Equal((null, "the peer refused the handshake: another job, another secret, or another version"), await connecting);
    }

    [Fact]
    public async Task Connect_CancelledDuringTheHandshake_ThrowsAndClosesTheConnection()
    {
        using var cancelled = new CancellationTokenSource();
        var connecting = _connector.ConnectAsync(Endpoint, cancelled.Token);
        using var peer = await AcceptAsync();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], Token));
    }

    /// <summary>The text is for people, so each kind of failure has its own, and the one that a person can repair has the fix.</summary>
    [Fact]
    public void Describe_EachKind_HasItsText()
    {
        Assert.Equal("it took too long, or was told to end", DataConnection.Describe(new TaskCanceledException()));
        Assert.Equal("the connection ended", DataConnection.Describe(new EndOfStreamException()));
        Assert.Equal("the connection ended", DataConnection.Describe(new ObjectDisposedException("socket")));
        Assert.Equal("Connection refused", DataConnection.Describe(new SocketException((int)SocketError.ConnectionRefused)));
        Assert.EndsWith(
            "Raise the limit of open files (ulimit -n)", DataConnection.Describe(new SocketException((int)SocketError.TooManyOpenSockets)),
            StringComparison.Ordinal);
        Assert.Equal("InvalidOperationException: a mistake", DataConnection.Describe(new InvalidOperationException("a mistake")));
    }

    /// <summary>Accepts, and reads the hello, so that a close is no reset.</summary>
    private async Task<Socket> AcceptAsync()
    {
        var peer = await _listener.AcceptAsync(Token);
        var hello = new byte[DataPortHello.SizeBytes];
        for (var received = 0; received < hello.Length;) received += await peer.ReceiveAsync(hello.AsMemory(received), Token);
        return peer;
    }
}
