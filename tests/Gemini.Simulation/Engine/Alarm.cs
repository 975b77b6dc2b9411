using Gemini.Grains.Hosts;

namespace Gemini.Simulation.Engine;

/// <summary>Wakes one waiting activity of a process, like the product's <c>Signal</c>. A set before the wait is not lost.</summary>
internal sealed class Alarm(EventLoop loop, Process process)
{
    private TaskCompletionSource? _waiting;
    private bool _isSet;

    public void Set()
    {
        _isSet = true;
        if (_waiting is not { } waiting) return;
        _waiting = null;
        loop.Schedule(0, () => Release(waiting));
    }

    /// <summary>Returns after a set, or when the time is over.</summary>
    public async Task Wait(long limitMilliseconds)
    {
        if (!_isSet)
        {
            var waiting = _waiting = new TaskCompletionSource();
            loop.Schedule(limitMilliseconds, () => Release(waiting));
            await waiting.Task;
            if (_waiting == waiting) _waiting = null;
        }

        _isSet = false;
    }

    private void Release(TaskCompletionSource waiting)
    {
        if (process.Alive) waiting.TrySetResult();
    }
}
