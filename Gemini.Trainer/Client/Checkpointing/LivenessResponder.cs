using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Checkpointing;

/// <summary>
/// Answers whoever knows the job's secret that this process lives, on a thread of its own: whatever the training loop does, and
/// whatever has become of the silo. A process that is stopped, or cut off, does not answer; at one that is gone nobody listens.
/// </summary>
/// <remarks>
/// Anyone can connect. The thread waits for all connections at once, so one that says nothing keeps no other waiting, and it holds a bounded
/// number of them.
/// </remarks>
internal sealed class LivenessResponder : IDisposable
{
    private const int IdentityBytes = 8;

    /// <summary>Connections that the kernel keeps until they are accepted: many, so that a burst of strangers fits.</summary>
    private const int Backlog = 512;

    /// <summary>Every other host's silo may have become the root agent's and ask at once; the rest are strangers.</summary>
    private const int ConnectionsMaximum = 64;

    /// <summary>Between two lots, all connections are read: while strangers connect without a pause, questions are answered.</summary>
    private const int AcceptedAtOnce = 16;

    /// <summary>A question is one packet, and whoever asks gives up after 200 ms.</summary>
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
    /// <param name="ports">Where a firewall lets questions through; the default value: any port.</param>
    /// <param name="secret">Of the job.</param>
    /// <param name="isWaitingForPeers">Whether the training loop waits for other ranks; null when nobody knows.</param>
    /// <param name="time">Bounds what strangers can take.</param>
    /// <param name="log">Told, once, that <paramref name="isWaitingForPeers"/> fails.</param>
    /// <exception cref="SocketException">It is no address of this host, or no port is free.</exception>
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

    /// <summary>The thread may wait for a connection; this is one.</summary>
    private void WakeUp()
    {
        try
        {
            using var socket = new Socket(_listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            socket.Connect(_listener.LocalEndPoint!);
        }
        catch (SocketException)
        {
            // It is on its way (WouldBlock), or the queue is full of others, and those wake the thread.
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

    /// <summary>The sockets that have something to read, or have ended; none if an asker's time is over first.</summary>
    private List<Socket> WaitForReadable()
    {
        List<Socket> readable = [_listener, .. _askers.Select(asker => asker.Socket)];
        // Without an asker there is nothing to look after until somebody connects.
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
                // Its question is often here already; read it before the place may be needed for the next one.
                Continue(asker);
                if (_askers.Count > ConnectionsMaximum) End(_askers[0]);
            }
        }
        catch (SocketException error)
        {
            // Nobody else is there (WouldBlock), or one left at once. Out of descriptors: not in a hurry.
            if (error.SocketErrorCode == SocketError.TooManyOpenSockets) Thread.Sleep(1);
        }
    }

    /// <summary>Reads what has come, and answers if it is a whole question.</summary>
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

            // A few bytes on a fresh connection always fit its send buffer.
            if (LivenessProtocol.Answer(_secret, _identity, asker.Question, State()) is { } answer) asker.Socket.Send(answer, SocketFlags.None);
        }
        catch (SocketException)
        {
            // The asking side gave up.
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
            // The user's own function. That this process lives is true all the same.
            if (!_failureIsTold) _log($"IsWaitingForPeers failed, so nobody is told what the training loop does: {error.Message}");
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
