namespace Gemini.Simulation.Engine;

/// <summary>
/// The clock of a process in virtual time. Product code that takes all its waits from a <see cref="TimeProvider"/> runs in the event loop unchanged:
/// Task.Delay, WaitAsync and CancellationTokenSource with this provider end as events. The timers of a dead process never fire.
/// </summary>
/// <remarks>
/// Code in the loop must not leave it. An await continues in the loop only if it captures the context. It does not after ConfigureAwait(false), after
/// ConfigureAwaitOptions without ContinueOnCapturedContext, or in Task.Run. WaitAsync, WhenAll and WhenAny leave the loop if they wait for a task of
/// a TaskCompletionSource that runs continuations asynchronously; a plain await of such a task stays. Code that has left the loop is found at its
/// next event.
/// </remarks>
internal sealed class LoopTimeProvider(EventLoop loop, Process owner) : TimeProvider
{
    /// <summary>Unix milliseconds of the wall clock, which people can set. Default: the loop's time.</summary>
    public Func<long> Wall { get; init; } = () => loop.Now;

    /// <summary>Milliseconds of the monotonic clock, which nobody can set. Default: the loop's time.</summary>
    public Func<long> Monotonic { get; init; } = () => loop.Now;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Monotonic();

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Wall());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(loop, owner, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(EventLoop loop, Process owner, Action callback) : ITimer
    {
        private TimeSpan _period;
        private int _setting;
        private bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed) return false;
            (_period, _setting) = (period, _setting + 1);
            Schedule(dueTime);
            return true;
        }

        public void Dispose() => (_isDisposed, _setting) = (true, _setting + 1);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Schedule(TimeSpan delay)
        {
            if (delay == Timeout.InfiniteTimeSpan) return;
            var setting = _setting;
            loop.Schedule((long)Math.Ceiling(delay.TotalMilliseconds), () => Fire(setting));
        }

        private void Fire(int setting)
        {
            if (setting != _setting || !owner.Alive) return;
            if (_period > TimeSpan.Zero) Schedule(_period);
            callback();
        }
    }
}
