using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Tells every asker that knows the job's secret that this process lives. It has its own thread, so it answers whatever the training loop does and
/// whatever state the silo is in. If the process is stopped or cut off, no answer comes. If the process has ended, nobody listens at its port.
/// </summary>
/// <remarks>
/// Anyone can connect. The thread waits for all connections at the same time, so a silent connection does not delay the others. The number of open
/// connections is bounded.
/// </remarks>
internal sealed class LivenessResponder : IDisposable
{
    private const int IdentityBytes = 8;

    /// <summary>Connections that the kernel keeps until they are accepted: many, so that a burst of connections from strangers fits.</summary>
    private const int Backlog = 512;

    /// <summary>Any other host's silo may become the root agent's silo and ask at the same time. All further connections are from strangers.</summary>
    private const int ConnectionsMaximum = 64;

    /// <summary>
    /// After this many accepted connections, all connections are read, so that questions are answered even while strangers connect without a pause.
    /// </summary>
    private const int AcceptedAtOnce = 16;

    /// <summary>A question is one packet, and the asking side waits at most 200 ms.</summary>
    private static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(1);

    private readonly Socket _listener;
    private readonly JobSecret _secret;
    private readonly Func<bool>? _isWaitingForPeers;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly string _identity = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdentityBytes));

    /// <summary>Oldest first. Only the thread uses it.</summary>
    private readonly List<Asker> _askers = [];

    private readonly Thread _thread;
    private volatile bool _stopping;
    private bool _failureIsTold;

    /// <param name="address">An address of this host that other hosts can reach; loopback if all are on this host.</param>
    /// <param name="ports">Ports that the firewall opens for questions; the default value: any port.</param>
    /// <param name="secret">Of the job.</param>
    /// <param name="isWaitingForPeers">Whether the training loop waits for other ranks; null if not known.</param>
    /// <param name="time">Measures how long a question may take.</param>
    /// <param name="log">Gets one line if <paramref name="isWaitingForPeers"/> fails.</param>
    /// <exception cref="SocketException">The address does not belong to this host, or no port is free.</exception>
    public LivenessResponder(IPAddress address, PortRange ports, JobSecret secret, Func<bool>? isWaitingForPeers, TimeProvider time, Action<string> log)
    {
        (_secret, _isWaitingForPeers, _time, _log) = (secret, isWaitingForPeers, time, log);
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            ports.Bind(_listener, address);
            _listener.Listen(Backlog);
        }
        catch (SocketException)
        {
            _listener.Dispose();
            throw;
        }

        Address = LivenessProtocol.Address(_listener.LocalEndPoint!, _identity);
        _thread = new Thread(Serve) { IsBackground = true, Name = "liveness" };
        _thread.Start();
    }

    /// <summary>Where it answers, for the hello.</summary>
    public string Address { get; }

    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        WakeUp();
        _thread.Join();
        _listener.Dispose();
    }

    /// <summary>The thread may be waiting for a connection, so this connects to it.</summary>
    private void WakeUp()
    {
        try
        {
            using var socket = new Socket(_listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            socket.Connect(_listener.LocalEndPoint!);
        }
        catch (SocketException)
        {
            // The connection is on its way (WouldBlock), or the queue is full of other connections, which wake the thread too.
        }
    }

    private void Serve()
    {
        while (!_stopping)
        {
            foreach (var ready in WaitForReadable())
            {
                if (ready == _listener) AcceptSome();
                else Continue(_askers.Find(asker => asker.Socket == ready));
            }

            while (_askers is [var oldest, ..] && _time.GetElapsedTime(oldest.SinceTimestamp) >= QuestionLimit) End(oldest);
        }

        foreach (var asker in _askers.ToList()) End(asker);
    }

    /// <summary>The sockets that have data to read or have ended; none if the time of an asker ends first.</summary>
    private List<Socket> WaitForReadable()
    {
        List<Socket> readable = [_listener, .. _askers.Select(asker => asker.Socket)];
        // Without an open connection there is no time limit to watch.
        if (_askers is [var oldest, ..]) Socket.Select(readable, null, null, Max(QuestionLimit - _time.GetElapsedTime(oldest.SinceTimestamp), TimeSpan.Zero));
        else Socket.Select(readable, null, null, Timeout.InfiniteTimeSpan);
        return readable;
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void AcceptSome()
    {
        try
        {
            for (var accepted = 0; accepted < AcceptedAtOnce; accepted++)
            {
                var socket = _listener.Accept();
                socket.Blocking = false;
                var asker = new Asker(socket, _time.GetTimestamp());
                _askers.Add(asker);
                // The question has often arrived already. Read it now, before this connection may be closed for a newer one.
                Continue(asker);
                if (_askers.Count > ConnectionsMaximum) End(_askers[0]);
            }
        }
        catch (SocketException error)
        {
            // No further connection is waiting (WouldBlock), or one has ended again. If the process has no free descriptor, pause briefly.
            if (error.SocketErrorCode == SocketError.TooManyOpenSockets) Thread.Sleep(1);
        }
    }

    /// <summary>Reads the bytes that have arrived, and answers if the question is complete.</summary>
    private void Continue(Asker? asker)
    {
        if (asker is null) return;
        try
        {
            while (asker.Received < asker.Question.Length)
            {
                var count = asker.Socket.Receive(asker.Question.AsSpan(asker.Received), SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock) return;
                if (error != SocketError.Success || count == 0)
                {
                    End(asker);
                    return;
                }

                asker.Received += count;
            }

            // A few bytes always fit into the send buffer of a new connection.
            if (LivenessProtocol.Answer(_secret, _identity, asker.Question, State()) is { } answer) asker.Socket.Send(answer, SocketFlags.None);
        }
        catch (SocketException)
        {
            // The asking side has closed the connection.
        }

        End(asker);
    }

    private void End(Asker asker)
    {
        _askers.Remove(asker);
        asker.Socket.Dispose();
    }

    private LivenessState State()
    {
        try
        {
            return _isWaitingForPeers is null
                ? LivenessState.Alive
                : _isWaitingForPeers() ? LivenessState.WaitingForPeers : LivenessState.Computing;
        }
        catch (Exception error)
        {
            // The user's function has failed. The process lives all the same.
            if (!_failureIsTold) _log($"IsWaitingForPeers failed, so liveness answers do not say what the training loop does: {error.Message}");
            _failureIsTold = true;
            return LivenessState.Alive;
        }
    }

    /// <summary>One connection, until it is answered or closed.</summary>
    private sealed class Asker(Socket socket, long sinceTimestamp)
    {
        public Socket Socket => socket;

        public long SinceTimestamp => sinceTimestamp;

        public byte[] Question { get; } = new byte[LivenessProtocol.QuestionBytes];

        public int Received { get; set; }
    }
}
