using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Transfer;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>The port itself: opening, limits, closing.</summary>
public sealed class DataPortTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_PortInUse_NamesPortAndFix()
    {
        await using var first = await new TestHost().ListenAsync();
        await using var second = new TestHost();
        var port = first.Port.Endpoint.Port;
        var error = await Assert.ThrowsAsync<DataPortException>(() => second.ListenAsync(port));
        Assert.Equal(
            $"The data port 127.0.0.1:{port} is in use by another process. Stop that process, or configure another port (0 picks a free one).",
            error.Message);
    }

    [Fact]
    public async Task Connect_BeyondTheLimit_IsClosedAtOnceAndServedLater()
    {
        await using var host = await new TestHost(options: new TransferOptions { ConnectionsMaximum = 1 }).ListenAsync();
        var (first, _) = await host.Connector.ConnectAsync(host.Endpoint, Token);
        Assert.NotNull(first);
        var (second, _) = await host.Connector.ConnectAsync(host.Endpoint, Token);
        Assert.Null(second);
        first.Dispose();
        await Wait.UntilAsync(() => host.Port.ConnectionCount == 0, "the first connection's end");
        var (third, problem) = await host.Connector.ConnectAsync(host.Endpoint, Token);
        Assert.True(third is not null, problem);
        third.Dispose();
    }

    /// <summary>Silent connections do not use up the connections that copies need, and are closed for newer ones.</summary>
    [Fact]
    public async Task SilentConnections_ByTheHundred_KeepNoPeerOut()
    {
        var options = new TransferOptions { ConnectionsMaximum = 8, HandshakesMaximum = 16, HandshakeTimeout = Wait.Limit };
        await using var host = await new TestHost(options: options).ListenAsync();
        var strangers = new List<Socket>();
        var peers = new List<DataConnection>();
        try
        {
            for (var round = 0; round < options.ConnectionsMaximum; round++)
            {
                for (var stranger = 0; stranger < 50; stranger++)
                {
                    var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    strangers.Add(socket);
                    await socket.ConnectAsync(host.Port.Endpoint, Token);
                }

                var (peer, problem) = await host.Connector.ConnectAsync(host.Endpoint, Token);
                Assert.True(peer is not null, problem);
                peers.Add(peer);
            }

            await Wait.UntilAsync(
                () => host.Port.ConnectionCount <= options.ConnectionsMaximum + options.HandshakesMaximum, "the older strangers' end");
            Assert.Equal(0, await strangers[0].ReceiveAsync(new byte[1], Token));
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
            strangers.ForEach(stranger => stranger.Dispose());
        }
    }

    [Fact]
    public async Task DisposeAsync_ConnectionsOpen_ClosesThemAndStopsListening()
    {
        var host = await new TestHost().ListenAsync();
        var (connection, _) = await host.Connector.ConnectAsync(host.Endpoint, Token);
        var endpoint = host.Port.Endpoint;
        await host.Port.DisposeAsync();
        Assert.Equal(0, host.Port.ConnectionCount);
        connection!.Arm(Wait.Limit);
        await Assert.ThrowsAsync<EndOfStreamException>(() => connection.ReceiveFrameAsync(1).AsTask());
        await TestPorts.WaitUntilClosedAsync(endpoint.Port);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(endpoint, Token).AsTask());
        connection.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Connection_Unused_IsClosedAfterTheIdleTime()
    {
        await using var host = await new TestHost(options: new TransferOptions { IdleConnectionTimeout = TimeSpan.FromMilliseconds(50) }).ListenAsync();
        var (connection, _) = await host.Connector.ConnectAsync(host.Endpoint, Token);
        connection!.Arm(Wait.Limit);
        await Assert.ThrowsAsync<EndOfStreamException>(() => connection.ReceiveFrameAsync(1).AsTask());
        connection.Dispose();
    }
}
