namespace Gemini.Trainer.Client.Collectives;

/// <summary>
/// Marks the network as busy from the start of a collective until its bytes have left. A collective returns when it has handed its last bytes to the
/// kernel. If these are still queued, a thread waits for their end, and training continues meanwhile.
/// </summary>
/// <remarks>One thread calls <see cref="Enter"/> and <see cref="Leave"/>. Ownership: a background thread until <see cref="Dispose"/>.</remarks>
internal sealed class NetworkMarks : IDisposable
{
    private const int Settled = 0;
    private const int Draining = 1;

    /// <summary>How exactly the end of the queue is noticed. A full queue of some megabytes takes longer.</summary>
    private const int LookMilliseconds = 1;

    private readonly NetworkUse _use;
    private readonly Func<bool> _hasDrained;
    private readonly AutoResetEvent _left = new(false);
    private readonly Thread _thread;
    private int _state;
    private volatile bool _isOver;

    /// <param name="use">Where the marks are stored.</param>
    /// <param name="hasDrained">Whether the outgoing queue is empty. Called on two threads.</param>
    public NetworkMarks(NetworkUse use, Func<bool> hasDrained)
    {
        (_use, _hasDrained) = (use, hasDrained);
        _thread = new Thread(Drain) { IsBackground = true, Name = "ring marks" };
        _thread.Start();
    }

    public void Enter()
    {
        // If the last collective's bytes are still leaving, the idle span between the two is empty. It is marked nevertheless: the silo compares the
        // spans of iterations by their number.
        if (Interlocked.Exchange(ref _state, Settled) == Draining) _use.End();
        _use.Begin();
    }

    public void Leave()
    {
        if (_hasDrained())
        {
            _use.End();
            return;
        }

        Volatile.Write(ref _state, Draining);
        _left.Set();
    }

    /// <summary>Ends the thread. What is still queued no longer counts.</summary>
    public void Dispose()
    {
        _isOver = true;
        _left.Set();
        _thread.Join();
        _left.Dispose();
        EndDrain();
    }

    private void Drain()
    {
        while (!_isOver)
        {
            _left.WaitOne();
            while (!_isOver && Volatile.Read(ref _state) == Draining)
            {
                if (_hasDrained()) EndDrain();
                else SocketPoll.Wait([], LookMilliseconds);
            }
        }
    }

    private void EndDrain()
    {
        if (Interlocked.CompareExchange(ref _state, Settled, Draining) == Draining) _use.End();
    }
}
