namespace Gemini.Grains.Hosts;

/// <summary>
/// Wakes whoever waits for a change. Any number of <see cref="Set"/>s before a waiter looks are one, and none is lost. All methods may be
/// called from any thread.
/// </summary>
/// <remarks>
/// One loop that owns the signal calls <see cref="WaitAsync"/>, and looks at the state when it returns. Several waiters, or one that waits
/// for other things too, take <see cref="Next"/> before they look at the state, and wait for it afterwards.
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
    /// Returns when the signal was set since this method last returned, or when the time is over. For one caller at a time: the return takes
    /// every set before it, so a second caller could miss one.
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

        // Only plain awaits: the simulation runs this in one thread, which Task.WaitAsync would leave.
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
