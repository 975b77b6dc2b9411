using Gemini.Grains.Hosts;
using Gemini.Simulation.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gemini.Simulation.Tests.Engine;

/// <summary>Waits of product code end in virtual time, at their exact time and in the loop's thread.</summary>
public sealed class LoopTimeProviderTests
{
    private readonly EventLoop _loop = new();
    private readonly Actor _actor;
    private readonly LoopTimeProvider _time;
    private readonly List<(string What, long At)> _seen = [];
    private readonly List<Exception> _failed = [];

    public LoopTimeProviderTests()
    {
        _actor = new Actor(_loop, _failed.Add);
        _time = new LoopTimeProvider(_loop, _actor);
    }

    [Fact]
    public void Waits_EndAtTheirTime()
    {
        RunInLoop(1000, async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(120), _time);
            See("delay");
            await Assert.ThrowsAsync<TimeoutException>(() => new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromMilliseconds(30), _time));
            See("limit");
            using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(50), _time);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromDays(1), _time, cancelled.Token));
            See("cancelled");
        });

        Assert.Equal([("delay", 120), ("limit", 150), ("cancelled", 200)], _seen);
    }

    [Fact]
    public void Timer_FiresEachPeriod_UntilItIsDisposed()
    {
        ITimer timer = null!;
        timer = _time.CreateTimer(_ =>
        {
            See("tick");
            if (_seen.Count == 3) timer.Dispose();
        }, null, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(100));

        RunInLoop(1000, () => Task.CompletedTask);

        Assert.Equal([("tick", 10), ("tick", 110), ("tick", 210)], _seen);
    }

    [Fact]
    public void Timer_SetAnew_FiresOnlyAtTheNewTime()
    {
        using var timer = _time.CreateTimer(_ => See("tick"), null, TimeSpan.FromMilliseconds(10), Timeout.InfiniteTimeSpan);
        timer.Change(TimeSpan.FromMilliseconds(70), Timeout.InfiniteTimeSpan);

        RunInLoop(1000, () => Task.CompletedTask);

        Assert.Equal([("tick", 70)], _seen);
    }

    [Fact]
    public void DeadProcess_ItsWaitsNeverEnd()
    {
        _loop.Schedule(50, _actor.End);

        RunInLoop(1000, async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(49), _time);
            See("before");
            await Task.Delay(TimeSpan.FromMilliseconds(49), _time);
            See("after");
        });

        Assert.Equal([("before", 49)], _seen);
    }

    [Fact]
    public void WallClock_Jumps_AndNoDurationChanges()
    {
        var wall = 5_000_000L;
        var time = new LoopTimeProvider(_loop, _actor) { Wall = () => wall };
        var start = time.GetTimestamp();
        RunInLoop(250, () => Task.CompletedTask);

        wall = 1;

        Assert.Equal((1, 250), (time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetElapsedTime(start).TotalMilliseconds));
    }

    /// <summary>The product's own wait and loop, on which every part of a host is built.</summary>
    [Fact]
    public void SignalAndHostLoop_StayInTheLoop()
    {
        var signal = new Signal(_time);
        using var stop = new CancellationTokenSource();
        var loop = new HostLoop("Looking", async ct =>
        {
            await signal.WaitAsync(TimeSpan.FromMilliseconds(400), ct);
            See("look");
            if (_seen.Count == 2) throw new IOException("once");
        })
        {
            Pause = TimeSpan.FromMilliseconds(100),
        };
        _loop.Schedule(30, signal.Set);
        _loop.Schedule(1000, stop.Cancel);

        RunInLoop(2000, async () =>
        {
            Assert.Null(await HostLoop.RunAsync([loop], _time, NullLogger.Instance, stop.Token));
            See("stopped");
        });

        Assert.Equal([("look", 30), ("look", 430), ("look", 930), ("stopped", 1000)], _seen);
    }

    [Fact]
    public void CodeThatLeftTheLoop_IsFound()
    {
        // On its own thread: the pool may run a task on the very thread that made the loop.
        Exception? refused = null;
        var stranger = new Thread(() => refused = Record.Exception(() => _loop.Schedule(0, () => { })));
        stranger.Start();
        stranger.Join();

        Assert.IsType<InvalidOperationException>(refused);
        Assert.Throws<InvalidOperationException>(() => _loop.RunNext(long.MaxValue));
    }

    private void See(string what) => _seen.Add((what, _loop.Now - 1_000_000));

    private void RunInLoop(long milliseconds, Func<Task> activity)
    {
        var end = _loop.Now + milliseconds;
        _loop.Within(() =>
        {
            _actor.Launch(activity);
            _loop.RunUntil(end);
        });
        Assert.Empty(_failed);
    }

    private sealed class Actor(EventLoop loop, Action<Exception> failed) : Process(loop, failed);
}
