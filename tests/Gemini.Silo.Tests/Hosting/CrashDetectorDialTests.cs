using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Gemini.Silo.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Gemini.Silo.Tests.Hosting;

/// <summary>Connections to a silo that break. The peer is a real socket that listens, so it counts how often the silo dials it.</summary>
public sealed class CrashDetectorDialTests : IDisposable
{
    private static readonly IPEndPoint SomePort = new(IPAddress.Loopback, 1);

    private readonly HeldTimers _time = new();
    private readonly LogLines<CrashDetector> _log = new();
    private readonly TcpListener _peer = new(IPAddress.Loopback, 0);
    private readonly FakeMembership _membership;
    private readonly CrashDetector _detector;
    private int _dials;

    public CrashDetectorDialTests()
    {
        _peer.Start();
        _membership = new FakeMembership(
            SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 2), 5), SiloAddress.New((IPEndPoint)_peer.LocalEndpoint, 5));
        var services = new ServiceCollection().AddSingleton<IClusterMembershipService>(_membership).BuildServiceProvider();
        _detector = new CrashDetector(services, _membership, _time, _log);
        _ = CountDialsAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _peer.Dispose();
        // The detector uses the silo's view as it is.
        Assert.Equal(0, _membership.Refreshed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PeerListens_IsDialledInOneRow_AndNotReported(bool isOpenedHere)
    {
        await BreakAsync(isOpenedHere, bytes: 1);
        await PassRowAsync();
        await DieAsync();
    }

    /// <summary>
    /// That is what a dial of a peer looks like from here. If this silo dialled back, two silos would dial each other without end. A busy silo
    /// sees the end of a dial late, so it cannot tell one by how long it lived.
    /// </summary>
    [Fact]
    public async Task ConnectionWithoutAByte_IsADial_AndNobodyIsDialledBack()
    {
        for (var dial = 0; dial < 3; dial++) Assert.False(await BreakAsync(isOpenedHere: false, bytes: 0, TimeSpan.FromSeconds(5)));
        await BreakAsync(isOpenedHere: false, bytes: 1);
        await PassRowAsync();
        await DieAsync();
    }

    [Fact]
    public async Task ManyConnectionsBreakTogether_ThePeerIsDialledInOneRow()
    {
        // The first one brings a dial at once. The others come before the pause after it ends.
        await BreakAsync(isOpenedHere: false, bytes: 1);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(_ => BreakAsync(isOpenedHere: false, bytes: 1)));
        await PassAsync(pauses: 1);
        await PassRowAsync();
        await DieAsync(dials: 1 + CrashDetector.Dials);
    }

    [Fact]
    public async Task ConnectionBreaksWithinARow_TheRowStartsAgain()
    {
        await BreakAsync(isOpenedHere: false, bytes: 1);
        await PassAsync(pauses: 3);
        await _time.WaitForAsync(CrashDetector.DialPause);
        await BreakAsync(isOpenedHere: false, bytes: 1);
        await PassAsync(pauses: 1);
        await PassRowAsync();
        await DieAsync(dials: 4 + CrashDetector.Dials);
    }

    private Task PassRowAsync() => PassAsync(CrashDetector.Dials);

    /// <summary>Lets pauses between dials pass. The clock stands otherwise, so a busy machine changes nothing.</summary>
    private async Task PassAsync(int pauses)
    {
        for (var pause = 0; pause < pauses; pause++) await _time.FireAsync(CrashDetector.DialPause);
    }

    /// <summary>The peer has been dialled so often. Then its port goes, and the next broken connection brings the one verdict.</summary>
    private async Task DieAsync(int dials = CrashDetector.Dials)
    {
        await Wait.UntilAsync(() => Volatile.Read(ref _dials) >= dials, "the dials");
        Assert.Empty(_membership.Killed);
        Assert.Empty(_log.Lines);
        var port = _membership.Peer.Endpoint.Port;
        _peer.Stop();
        await TestPorts.WaitUntilClosedAsync(port);
        await BreakAsync(isOpenedHere: true, bytes: 1);
        await Wait.UntilAsync(() => !_membership.Killed.IsEmpty, "the verdict");
        Assert.Equal(_membership.Peer, Assert.Single(_membership.Killed));
        Assert.Contains("its silo process is dead", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        Assert.Equal(dials, _dials);
        Assert.False(_time.Has(CrashDetector.DialPause));
    }

    /// <summary>A connection that brings some bytes and then ends. True: the silo served it.</summary>
    private async Task<bool> BreakAsync(bool isOpenedHere, int bytes, TimeSpan lived = default)
    {
        var (incoming, outgoing, isServed) = (new Pipe(), new Pipe(), false);
        await using var connection = new DefaultConnectionContext("c", new Duplex(incoming.Reader, outgoing.Writer), new Duplex(outgoing.Reader, incoming.Writer));
        connection.RemoteEndPoint = SomePort;
        var served = isOpenedHere ? _detector.OnOpenedAsync(connection, ServeAsync) : _detector.OnAcceptedAsync(connection, ServeAsync);
        if (bytes > 0) await incoming.Writer.WriteAsync(new byte[bytes], Token);
        _time.Pass(lived);
        await incoming.Writer.CompleteAsync();
        await served;
        return isServed;

        async Task ServeAsync(ConnectionContext context)
        {
            isServed = true;
            var received = await context.Transport.Input.ReadAtLeastAsync(bytes, Token);
            Assert.Equal(bytes, received.Buffer.Length);
        }
    }

    private async Task CountDialsAsync()
    {
        try
        {
            while (true)
            {
                using var dial = await _peer.AcceptSocketAsync(Token);
                Interlocked.Increment(ref _dials);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer has stopped listening.
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
