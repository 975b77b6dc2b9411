using System.Net;
using System.Net.Sockets;

namespace Gemini.Silo.Tests.Transfer;

/// <summary>A cable that flips bits. It passes bytes on in both directions, and flips one bit at a given offset of each direction.</summary>
internal sealed class FlippingProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _target;
    private readonly Task _loop;
    private readonly List<Task> _pumps = [];
    private int _flips;

    public FlippingProxy(string target)
    {
        _target = IPEndPoint.Parse(target);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _loop = AcceptAsync();
    }

    public string Endpoint => _listener.LocalEndPoint!.ToString()!;

    /// <summary>The offset of the byte in which a bit is flipped, counted over all bytes of one connection in this direction; -1: none.</summary>
    public long FlipTo { get; set; } = -1;

    public long FlipFrom { get; set; } = -1;

    /// <summary>How many bits may be flipped in all.</summary>
    public int FlipsLeft { get; set; } = 1;

    public int Flips => Volatile.Read(ref _flips);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_pumps).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptAsync(_stop.Token);
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await server.ConnectAsync(_target, _stop.Token);
            _pumps.Add(PumpAsync(client, server, () => FlipTo));
            _pumps.Add(PumpAsync(server, client, () => FlipFrom));
        }
    }

    private async Task PumpAsync(Socket source, Socket target, Func<long> flipAt)
    {
        var buffer = new byte[8192];
        long passed = 0;
        try
        {
            while (await source.ReceiveAsync(buffer, _stop.Token) is var bytes and > 0)
            {
                var at = flipAt() - passed;
                if (at >= 0 && at < bytes && FlipsLeft > 0)
                {
                    buffer[at] ^= 4;
                    FlipsLeft--;
                    Interlocked.Increment(ref _flips);
                }

                passed += bytes;
                await target.SendAsync(buffer.AsMemory(0, bytes), _stop.Token);
            }

            target.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            target.Dispose();
        }
    }
}
