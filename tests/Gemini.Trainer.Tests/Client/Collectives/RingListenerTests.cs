using System.Net;
using System.Net.Sockets;
using Gemini.Interfaces.Wire;
using Gemini.Trainer.Client.Collectives;

namespace Gemini.Trainer.Tests.Client.Collectives;

public sealed class RingListenerTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void Listener_AddressThatPeersCannotUse_IsRefusedWithTheFix(string address)
    {
        var error = Assert.Throws<ArgumentException>(() => new RingListener(IPAddress.Parse(address)));
        Assert.StartsWith($"Peers cannot connect to {address}; name an address of this host.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RingListener(new IPEndPoint(IPAddress.Parse(address), 0)));
    }

    [Fact]
    public async Task Endpoint_IsWherePeersConnect()
    {
        using var listener = new RingListener(IPAddress.Loopback);
        var endpoint = IPEndPoint.Parse(listener.Endpoint);
        Assert.Equal((IPAddress.Loopback, true), (endpoint.Address, endpoint.Port > 0));

        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(endpoint, TestContext.Current.CancellationToken);
        using var accepted = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.Equal(peer.LocalEndPoint, accepted.RemoteEndPoint);
    }

    [Fact]
    public void Listener_GivenPort_IsUsedAndMayBeTakenOnlyOnce()
    {
        string endpoint;
        using (var first = new RingListener(IPAddress.Loopback))
        {
            endpoint = first.Endpoint;
            var taken = Assert.Throws<SocketException>(() => new RingListener(IPEndPoint.Parse(endpoint)));
            Assert.Equal(SocketError.AddressAlreadyInUse, taken.SocketErrorCode);
            Assert.Equal($"This rank cannot listen for its neighbour at {endpoint.Replace(":", " port ")}: Address already in use", taken.Message);
        }

        using var second = new RingListener(IPEndPoint.Parse(endpoint));
        Assert.Equal(endpoint, second.Endpoint);
    }

    [Fact]
    public void Listener_FirstPortOfTheRangeIsTaken_TakesAnother()
    {
        using var first = new RingListener(IPAddress.Loopback);
        var port = IPEndPoint.Parse(first.Endpoint).Port;
        var range = new PortRange(port, Math.Min(port + 50, 65535));
        if (range.Count == 1) range = new PortRange(port - 50, port);
        using var second = new RingListener(IPAddress.Loopback, range);
        Assert.InRange(IPEndPoint.Parse(second.Endpoint).Port, range.First, range.Last);
        Assert.NotEqual(first.Endpoint, second.Endpoint);
    }

    [Fact]
    public async Task Accept_ListenerIsDisposed_Ends()
    {
        var listener = new RingListener(IPAddress.Loopback);
        var accepting = listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask();
        listener.Dispose();
        Assert.IsAssignableFrom<Exception>(await Record.ExceptionAsync(() => accepting.WaitAsync(TestRings.Limit)));
        Assert.True(accepting.IsFaulted || accepting.IsCanceled);
    }
}
