namespace Gemini.Simulation.Engine;

/// <summary>
/// Virtual time: a queue of events, run one after another in one thread. It is also the synchronization context of the actors'
/// async methods, so an await goes on in this queue and nowhere else: the same seed gives the same order of everything.
/// </summary>
internal sealed class EventLoop : SynchronizationContext
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _order;
    private volatile bool _isLeft;

    /// <summary>Unix milliseconds, of no clock in particular: every machine's clock is set off from it.</summary>
    public long Now { get; private set; } = 1_000_000;

    /// <summary>Events run so far.</summary>
    public long Count { get; private set; }

    /// <summary>A hash of every event's time and place, and of what actors mix in: equal for equal runs.</summary>
    public ulong Hash { get; private set; } = 14695981039346656037;

    public void Schedule(long delayMilliseconds, Action action)
    {
        _isLeft |= Environment.CurrentManagedThreadId != _thread;
        RefuseStrangers();
        _events.Enqueue(action, (Now + Math.Max(0, delayMilliseconds), ++_order));
    }

    /// <summary>Time passes, and nothing happens: what was due meanwhile happens late.</summary>
    public void Pause(long milliseconds) => Now += milliseconds;

    public void Mix(long value) => Hash = unchecked((Hash ^ (ulong)value) * 1099511628211);

    /// <summary>Runs the next event unless it lies behind the limit. False: there is none before it, and it is the limit now.</summary>
    public bool RunNext(long limit)
    {
        RefuseStrangers();
        if (!_events.TryPeek(out _, out var at) || at.Time > limit)
        {
            Now = Math.Max(Now, limit);
            return false;
        }

        var action = _events.Dequeue();
        Now = Math.Max(Now, at.Time);
        Count++;
        Mix(at.Time);
        Mix(at.Order);
        action();
        return true;
    }

    /// <summary>Runs all events up to the limit, and what follows from them until then.</summary>
    public void RunUntil(long limit)
    {
        while (RunNext(limit))
        {
        }
    }

    /// <summary>Does something as an actor does: what it awaits goes on in this loop.</summary>
    public T Within<T>(Func<T> act)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            return act();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <inheritdoc cref="Within{T}"/>
    public void Within(Action act) => Within(() =>
    {
        act();
        return true;
    });

    public override void Post(SendOrPostCallback d, object? state) => Schedule(0, () => d(state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing may block in virtual time.");

    public override SynchronizationContext CreateCopy() => this;

    private void RefuseStrangers()
    {
        if (_isLeft) throw new InvalidOperationException("An actor's code has left virtual time: it goes on in another thread.");
    }
}
