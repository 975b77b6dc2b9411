namespace Gemini.Testing;

/// <summary>
/// A clock whose timers fire only if a test says so. Its timestamps are milliseconds: one for each time that it was asked, and those of <see cref="Pass"/>.
/// </summary>
internal sealed class HeldTimers : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Held> _timers = [];
    private long _asked;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Interlocked.Increment(ref _asked);

    /// <summary>Moves the timestamps on. No timer fires.</summary>
    public void Pass(TimeSpan time) => Interlocked.Add(ref _asked, (long)time.TotalMilliseconds);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Held(this, () => callback(state), dueTime);
        lock (_gate) _timers.Add(timer);
        return timer;
    }

    /// <summary>Completes when a timer of this duration runs.</summary>
    public Task WaitForAsync(TimeSpan due) => Wait.UntilAsync(() => Find(due) is not null, $"a timer of {due}");

    /// <summary>Whether a timer of this duration runs.</summary>
    public bool Has(TimeSpan due) => Find(due) is not null;

    /// <summary>Lets the oldest timer of this duration fire. Waits until there is one.</summary>
    public async Task FireAsync(TimeSpan due)
    {
        await WaitForAsync(due);
        var timer = Find(due)!;
        lock (_gate) _timers.Remove(timer);
        timer.Callback();
    }

    private Held? Find(TimeSpan due)
    {
        lock (_gate) return _timers.Find(timer => timer.Due == due);
    }

    private sealed class Held(HeldTimers owner, Action callback, TimeSpan due) : ITimer
    {
        public Action Callback { get; } = callback;

        public TimeSpan Due { get; private set; } = due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate) Due = dueTime;
            return true;
        }

        public void Dispose()
        {
            lock (owner._gate) owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
