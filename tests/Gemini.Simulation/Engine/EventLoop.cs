namespace Gemini.Simulation.Engine;

/// <summary>
/// Virtual time: a queue of events that run one after another in one thread. It is also the synchronization context of the actors' async methods, so
/// an await continues only in this queue. The same seed gives the same order of all events.
/// </summary>
internal sealed class EventLoop : SynchronizationContext
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _order;
    private volatile bool _isLeft;

    /// <summary>Unix milliseconds of virtual time. Every machine's clock has an offset from it.</summary>
    public long Now { get; private set; } = 1_000_000;

    /// <summary>Events run so far.</summary>
    public long Count { get; private set; }

    /// <summary>A hash of every event's time and order, and of values that actors mix in. It is equal for equal runs.</summary>
    public ulong Hash { get; private set; } = 14695981039346656037;

    public void Schedule(long delayMilliseconds, Action action)
    {
        _isLeft |= Environment.CurrentManagedThreadId != _thread;
        RefuseStrangers();
        _events.Enqueue(action, (Now + Math.Max(0, delayMilliseconds), ++_order));
    }

    /// <summary>Time passes and no event runs: events that were due meanwhile run late.</summary>
    public void Pause(long milliseconds) => Now += milliseconds;

    public void Mix(long value) => Hash = unchecked((Hash ^ (ulong)value) * 1099511628211);

    /// <summary>Runs the next event, if it is due within the limit. False: there is none within the limit, and the time is now the limit.</summary>
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

    /// <summary>Runs all events up to the limit, also those that they schedule.</summary>
    public void RunUntil(long limit)
    {
        while (RunNext(limit))
        {
        }
    }

    /// <summary>Calls an action as an actor would: its awaits continue in this loop.</summary>
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
