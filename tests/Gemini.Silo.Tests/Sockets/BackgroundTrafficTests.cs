using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Sockets;
using Gemini.Silo.Tests.Memory;
using Gemini.Silo.Tests.Transfer;
using Gemini.Silo.Transfer;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Silo.Tests.Sockets;

/// <summary>The marks as the kernel keeps them, on connected sockets of both families.</summary>
public sealed class BackgroundTrafficTests
{
    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Connection_OfEitherFamily_IsMarkedAtBothEnds(AddressFamily family)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var near = new Socket(family, SocketType.Stream, ProtocolType.Tcp);
        if (family == AddressFamily.InterNetworkV6) near.DualMode = true;
        await near.ConnectAsync(IPAddress.Loopback, ((IPEndPoint)listener.LocalEndPoint!).Port, TestContext.Current.CancellationToken);
        using var far = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(BackgroundTraffic.Filler, Get(near, BackgroundTraffic.Priority));

        using var opened = new DataConnection(near, TimeProvider.System);
        using var accepted = new DataConnection(far, TimeProvider.System);

        foreach (var socket in (Socket[])[near, far])
        {
            Assert.Equal(0x04, Get(socket, BackgroundTraffic.TypeOfService));
            Assert.Equal(1, Get(socket, BackgroundTraffic.Priority));
        }

        if (family == AddressFamily.InterNetworkV6) Assert.Equal(0x04, Get(near, BackgroundTraffic.TrafficClass));
    }

    /// <summary>A peer that is gone already is found by the first read or write, and not when the connection is marked.</summary>
    [Fact]
    public async Task Connection_ThatIsBrokenAlready_IsMadeAllTheSame()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using (var far = await listener.AcceptAsync(TestContext.Current.CancellationToken)) far.LingerState = new LingerOption(true, 0);
        await Wait.UntilAsync(() => near.Poll(0, SelectMode.SelectRead), "the reset");
        using var connection = new DataConnection(near, TimeProvider.System);
        connection.Arm(Wait.Limit);
        await Assert.ThrowsAnyAsync<SocketException>(() => connection.ReceiveFrameAsync(1).AsTask());
    }

    /// <summary>A probe is measured as training's traffic is. All other requests are background traffic, with their acknowledgements.</summary>
    [Fact]
    public async Task DataPortSession_MarksItsEnd_OnlyAfterARequestThatIsNoProbe()
    {
        using var files = new TestMemory();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        using var far = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        using var served = new DataConnection(far, TimeProvider.System, isMarked: false);
        using var peer = new DataConnection(near, TimeProvider.System);
        peer.Arm(Wait.Limit);
        var session = new DataPortSession(
            served, files.Memory, new DataHandshake(TestHost.Secret, TestMemory.Job, Wait.Limit), new TransferOptions(), new TransferCounters(),
            new ProbeTurn(), NullLogger.Instance);
        var serving = session.ServeAsync();

        await AskAsync(DataRequest.Probe(0));
        Assert.NotEqual(BackgroundTraffic.Filler, Get(far, BackgroundTraffic.Priority));
        await AskAsync(new DataRequest(DataRequestKind.Check, new Rank(0), new Epoch(1), new SnapshotId(new Iteration(1), new Epoch(1)), default, 0, 0));
        Assert.Equal((1, 0x04), (Get(far, BackgroundTraffic.Priority), Get(far, BackgroundTraffic.TypeOfService)));
        near.Shutdown(SocketShutdown.Both);
        await serving.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);

        async Task AskAsync(DataRequest request)
        {
            request.Write(peer.SendFrame);
            await peer.SendFrameAsync(DataRequest.SizeBytes);
            await peer.ReceiveFrameAsync(DataReply.SizeBytes);
        }
    }

    private static int Get(Socket socket, (int Level, int Name) option)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption(option.Level, option.Name, value);
        return BitConverter.ToInt32(value);
    }
}
