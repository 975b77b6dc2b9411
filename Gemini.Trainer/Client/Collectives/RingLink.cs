using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gemini.Interfaces.Wire;

namespace Gemini.Trainer.Client.Collectives;

/// <summary>The connections to both neighbours, and whether they are broken. Data flows in one direction: from the previous rank to the next.</summary>
internal sealed class RingLink : IDisposable
{
    // The longest until a blocked collective notices an abort.
    internal const int SliceMilliseconds = 50;

    private readonly Socket _next;
    private readonly Socket _previous;
    private readonly RingIdentity _self;
    private readonly PeerMonitor _monitor;
    private readonly TaskCompletionSource<int> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _aborted;

    /// <param name="next">Non-blocking; owned from now on.</param>
    /// <param name="previous">Non-blocking; owned from now on.</param>
    /// <param name="self">Who this rank is.</param>
    /// <param name="waits">Counts how long this rank waits.</param>
    public RingLink(Socket next, Socket previous, RingIdentity self, WaitMeter waits)
    {
        (_next, _previous, _self, Waits) = (next, previous, self, waits);
        _monitor = new PeerMonitor([(next, self.Next), (previous, self.Previous)], rank => _lost.TrySetResult(rank));
    }

    public WaitMeter Waits { get; }

    /// <inheritdoc cref="Ring.PeerLost"/>
    public Task<int> PeerLost => _lost.Task;

    /// <summary>
    /// Whether this rank may leave with a goodbye: only if the last collective was a barrier, because then no rank waits for data of another.
    /// </summary>
    public bool IsAtBarrier { get; set; }

    /// <summary>Whether all bytes that this rank sent have left this machine.</summary>
    public bool HasSent => TcpQueue.Of(_next).HasDrained;

    public void Abort() => _aborted = true;

    /// <exception cref="CollectiveException">This rank aborted, or a neighbour was lost.</exception>
    public void ThrowIfBroken()
    {
        if (_aborted) throw new CollectiveAbortedException();
        if (_lost.Task.IsCompletedSuccessfully) throw new PeerLostException(_lost.Task.Result);
    }

    /// <summary>Sends as much as the connection takes now, without waiting.</summary>
    /// <returns>Bytes sent, 0 if it takes none.</returns>
    public int TrySend(ReadOnlySpan<byte> data)
    {
        var sent = _next.Send(data, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock => 0,
            _ => throw Lost(_self.Next),
        };
    }

    /// <summary>Receives the bytes that have arrived, without waiting.</summary>
    /// <returns>Bytes received, 0 if there are none yet.</returns>
    public int TryReceive(Span<byte> data)
    {
        var received = _previous.Receive(data, SocketFlags.None, out var error);
        return error switch
        {
            SocketError.Success when received > 0 => received,
            SocketError.WouldBlock => 0,
            _ => throw Lost(_self.Previous),
        };
    }

    /// <summary>Waits, for one slice of time at most, until a wanted direction can continue.</summary>
    public void Wait(bool wantsSend, bool wantsReceive)
    {
        Span<SocketPoll.Entry> entries =
        [
            SocketPoll.Of(_next, wantsSend ? SocketPoll.Writable : (short)0),
            SocketPoll.Of(_previous, wantsReceive ? SocketPoll.Readable : (short)0),
        ];
        var begun = Waits.Begin();
        SocketPoll.Wait(entries, SliceMilliseconds);
        Waits.AddSince(begun);
    }

    public PeerLostException Lost(int rank)
    {
        _lost.TrySetResult(rank);
        return new PeerLostException(_lost.Task.Result);
    }

    public void Dispose()
    {
        _monitor.Stop();
        if (IsAtBarrier && !_aborted && !_lost.Task.IsCompleted)
        {
            SayGoodbye(_next);
            SayGoodbye(_previous);
        }
        _next.Dispose();
        _previous.Dispose();
        _lost.TrySetCanceled();
    }

    private static void SayGoodbye(Socket socket)
    {
        var frame = RingFrame.Goodbye;
        // An error does not matter: a neighbour that has ended needs no goodbye.
        _ = socket.Send(MemoryMarshal.AsBytes(new ReadOnlySpan<RingFrame>(in frame)), SocketFlags.None, out _);
    }
}
