using Gemini.Simulation.Engine;

namespace Gemini.Grains.Tests;

/// <summary>Code under test on one thread and in virtual time, which begins at 0. The call that runs an activity throws its exception.</summary>
internal abstract class Bench
{
    private readonly EventLoop _loop = new();
    private readonly List<Exception> _failures = [];
    private readonly Owner _owner;
    private readonly long _begin;

    protected Bench()
    {
        _begin = _loop.Now;
        _owner = new Owner(_loop, Fail);
        Time = new LoopTimeProvider(_loop, _owner);
    }

    public TimeProvider Time { get; }

    /// <summary>Milliseconds since the beginning.</summary>
    public long Now => _loop.Now - _begin;

    /// <summary>Runs an activity and lets this much time pass. Throws the first exception meanwhile.</summary>
    public void Run(Func<Task> activity, int milliseconds = 0)
    {
        var end = _loop.Now + milliseconds;
        _loop.Within(() =>
        {
            _owner.Launch(activity);
            _loop.RunUntil(end);
        });
        if (_failures is not [var first, ..]) return;
        _failures.Clear();
        throw first;
    }

    public void RunFor(int milliseconds) => Run(() => Task.CompletedTask, milliseconds);

    /// <summary>The call of <see cref="Run"/> that is under way throws this.</summary>
    protected void Fail(Exception error) => _failures.Add(error);

    private sealed class Owner(EventLoop loop, Action<Exception> failed) : Process(loop, failed);
}
