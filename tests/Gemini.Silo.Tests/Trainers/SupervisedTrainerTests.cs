using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>The loop that supervises a trainer meets an error that nobody expected. Here it cannot ask the kernel for its kills.</summary>
public sealed class SupervisedTrainerTests : IAsyncDisposable
{
    private readonly SupervisorFixture _test = new();
    private volatile bool _isHealed;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task LoopFails_IsAProblem_AndTheTrainerStartsOnceTheErrorIsGone()
    {
        Start(pause: TimeSpan.FromMilliseconds(1));
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        Assert.Equal("Trainer 0 cannot be supervised: /proc is not mounted", _test.Supervisor.Problem);
        Assert.Equal((TrainerState.Exited, 0), (_test.Report.State, _test.Report.ProcessId));

        _isHealed = true;
        Assert.True(SupervisorFixture.Lives((await _test.UntilAsync(TrainerState.Starting)).ProcessId));
        await _test.UntilAsync(() => _test.Supervisor.Problem is null, "the end of the problem");
    }

    /// <summary>Nobody waits for a loop that rests after an error: neither the halt of an epoch nor the stop of the host.</summary>
    [Fact]
    public async Task LoopFails_HaltAndStop_DoNotWaitForItsPause()
    {
        Start(pause: TimeSpan.FromDays(1));
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        await _test.Supervisor.StopEpochAsync(new Epoch(2)).WaitAsync(SupervisorFixture.Limit);
        await _test.Supervisor.ShutdownAsync("the host stops", TimeSpan.FromDays(1)).WaitAsync(SupervisorFixture.Limit);
        Assert.Equal(0, _test.Report.ProcessId);
    }

    private void Start(TimeSpan pause) => _test.Start(
        SupervisorFixture.Sleeps,
        options => options with { Restart = new RestartOptions { PauseMin = TimeSpan.FromMilliseconds(1), PauseMax = pause } },
        () => _isHealed ? 0 : throw new InvalidOperationException("/proc is not mounted"));
}
