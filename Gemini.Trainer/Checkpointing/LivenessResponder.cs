using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Checkpointing;

/// <summary>
/// Answers whoever knows the job's secret that this process lives, on a thread of its own: whatever the training loop does, and
/// whatever has become of the silo. A process that is stopped, or cut off, does not answer; at one that is gone nobody listens.
/// </summary>
internal sealed class LivenessResponder : IDisposable
{
    private const int IdentityBytes = 8;

    /// <summary>Questions that come at once: every other host's silo may have become the root agent's.</summary>
    private const int Backlog = 64;

    /// <summary>A question is one packet. A connection that says nothing must not keep the next one waiting for longer.</summary>
    private const int ReadLimitMilliseconds = 50;

    private readonly Socket _listener;
    private readonly JobSecret _secret;
    private readonly Func<bool>? _isWaitingForPeers;
    private readonly string _identity = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdentityBytes));
    private readonly byte[] _question = new byte[LivenessProtocol.QuestionBytes];
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="address">An address of this host that other hosts can reach; loopback if all are on this host.</param>
    /// <param name="secret">Of the job.</param>
    /// <param name="isWaitingForPeers">Whether the training loop waits for other ranks; null when nobody knows.</param>
    /// <exception cref="SocketException">It is no address of this host.</exception>
    public LivenessResponder(IPAddress address, JobSecret secret, Func<bool>? isWaitingForPeers)
    {
        (_secret, _isWaitingForPeers) = (secret, isWaitingForPeers);
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(new IPEndPoint(address, 0));
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
        _stopping = true;
        _listener.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        while (!_stopping)
        {
            try
            {
                using var socket = _listener.Accept();
                Answer(socket);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The asking side gave up, or the session ends. Out of descriptors: not in a hurry.
                if (!_stopping) Thread.Sleep(1);
            }
        }
    }

    private void Answer(Socket socket)
    {
        socket.NoDelay = true;
        (socket.ReceiveTimeout, socket.SendTimeout) = (ReadLimitMilliseconds, ReadLimitMilliseconds);
        for (var received = 0; received < _question.Length;)
        {
            var count = socket.Receive(_question.AsSpan(received), SocketFlags.None);
            if (count == 0) return;
            received += count;
        }

        if (LivenessProtocol.Answer(_secret, _identity, _question, State()) is { } answer) socket.Send(answer);
    }

    private LivenessState State() => _isWaitingForPeers is null
        ? LivenessState.Alive
        : _isWaitingForPeers() ? LivenessState.WaitingForPeers : LivenessState.Computing;
}
