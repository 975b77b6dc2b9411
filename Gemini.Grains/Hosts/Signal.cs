namespace Gemini.Grains.Hosts;

/// <summary>
/// Wakes all that wait for a change. Several <see cref="Set"/>s before a waiter looks count as one, and none is lost. All methods may be called from
/// any thread.
/// </summary>
/// <remarks>
/// If one loop owns the signal, it calls <see cref="WaitAsync"/>, and looks at the state after that returns. If there are several waiters, or a
/// waiter waits for other things too, each takes <see cref="Next"/> before it looks at the state, and waits for it afterwards.
/// </remarks>
/// <param name="time">Measures the limits of waits.</param>
public sealed class Signal(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = New();
    private TaskCompletionSource? _waiting;
    private bool _isSet;

    /// <summary>Completes at the next <see cref="Set"/>, never with an error.</summary>
    public Task Next
    {
        get { lock (_gate) return _next.Task; }
    }

    public void Set()
    {
        TaskCompletionSource reached;
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            _isSet = true;
            (reached, _next) = (_next, New());
            (waiting, _waiting) = (_waiting, null);
        }

        reached.TrySetResult();
        waiting?.TrySetResult();
    }

    /// <summary>
    /// Returns when the signal was set since this method last returned, or when the time is over. For one caller at a time: a return uses up all
    /// earlier sets, so a second caller could miss one.
    /// </summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled. A set that came meanwhile is kept for the next wait.</exception>
    public async Task WaitAsync(TimeSpan limit, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var waiting = New();
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return;
            }

            _waiting = waiting;
        }

        // Only plain awaits: the simulation runs this on one thread, and Task.WaitAsync would continue on another.
        using (time.CreateTimer(End, waiting, limit, Timeout.InfiniteTimeSpan))
        using (ct.UnsafeRegister(End, waiting)) await waiting.Task;
        lock (_gate)
        {
            if (!_isSet) ct.ThrowIfCancellationRequested();
            _isSet = false;
        }
    }

    private static void End(object? waiting) => ((TaskCompletionSource)waiting!).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
