using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Gemini.Interfaces.Drills;
using Gemini.Interfaces.Files;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// The other end of every <see cref="DrillConnection"/>. It arms one moment at a time on chosen hosts, and learns when a process reaches that moment
/// and pauses. Disposing lets every process continue.
/// </summary>
internal sealed class DrillController : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<Peer, byte> _peers = new();
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private DrillBarrier? _barrier;
    private int _count;

    /// <param name="socketPath">Where to listen; at most 107 bytes. The file must not exist.</param>
    public DrillController(string socketPath)
    {
        SocketPath = socketPath;
        _listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        File.SetUnixFileMode(socketPath, PrivateFile.Mode);
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public string SocketPath { get; }

    /// <summary>Processes that have said hello and live.</summary>
    public int ConnectionCount => _peers.Count;

    /// <summary>Arms a moment in place of the earlier one. Processes of these hosts that start later learn of it too.</summary>
    /// <param name="moment">The moment to arm.</param>
    /// <param name="from">The first iteration or epoch in which the moment counts; see <see cref="Moment"/>.</param>
    /// <param name="hosts">Whether the moment is armed on the host of this name.</param>
    public DrillBarrier Arm(Moment moment, long from, Func<string, bool> hosts)
    {
        lock (_gate)
        {
            _barrier?.Release();
            var id = (++_count).ToString(CultureInfo.InvariantCulture);
            _barrier = new DrillBarrier(id, string.Create(CultureInfo.InvariantCulture, $"arm {id} {moment} {from}"), hosts, ReleaseAll);
            foreach (var peer in _peers.Keys) peer.Tell(_barrier);
            NoteArmed();
            return _barrier;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var peer in _peers.Keys) peer.Dispose();
        await _accepting;
        File.Delete(SocketPath);
    }

    private void ReleaseAll(DrillBarrier barrier)
    {
        lock (_gate)
        {
            if (_barrier == barrier) _barrier = null;
            foreach (var peer in _peers.Keys) peer.Send($"release {barrier.Id}");
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                if (PeerCredentials.Problem(socket) is null) _ = ServeAsync(new Peer(socket));
                else socket.Dispose();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The drill is over.
        }
    }

    private async Task ServeAsync(Peer peer)
    {
        try
        {
            while (await peer.ReadAsync() is { } line) Hear(peer, line.Split(' '));
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The process was killed, as most processes of a drill are.
        }

        lock (_gate)
        {
            _peers.TryRemove(peer, out _);
            NoteArmed();
        }

        peer.Dispose();
    }

    /// <summary>Looks whether every process that is there has armed the moment.</summary>
    private void NoteArmed()
    {
        if (_barrier is { } barrier && _peers.Keys.All(peer => !barrier.IsFor(peer.Host) || peer.ArmedId == barrier.Id)) barrier.AllArmed();
    }

    private void Hear(Peer peer, string[] words)
    {
        lock (_gate)
        {
            if (words is ["hello", var host])
            {
                peer.Host = host;
                _peers[peer] = 0;
                if (_barrier is { } barrier) peer.Tell(barrier);
            }
            else if (words is ["armed", var armedId])
            {
                peer.ArmedId = armedId;
                NoteArmed();
            }
            else if (words is ["reached", var id, _] && _barrier is { } armed && armed.Id == id)
            {
                armed.Reach(peer.Host);
            }
        }
    }

    private sealed class Peer(Socket socket) : IDisposable
    {
        private readonly StreamReader _reader = new(new NetworkStream(socket), Encoding.ASCII);

        public string Host { get; set; } = "";

        /// <summary>The newest moment that it has armed.</summary>
        public string ArmedId { get; set; } = "";

        public Task<string?> ReadAsync() => _reader.ReadLineAsync();

        public void Tell(DrillBarrier barrier)
        {
            if (barrier.IsFor(Host)) Send(barrier.Order);
        }

        public void Send(string line)
        {
            try
            {
                socket.Send(Encoding.ASCII.GetBytes(line + "\n"));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The process was killed.
            }
        }

        public void Dispose()
        {
            socket.Dispose();
            _reader.Dispose();
        }
    }
}
