using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Trainers that live and make no progress.</summary>
public sealed class TrainerHangTests : IAsyncDisposable
{
    private static readonly Rank Rank = new(1);

    private readonly SupervisorFixture _test = new();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task SocketAnswersTheStop_LoopNeverComesBack_IsKilled()
    {
        var first = await StartAsync(TimeSpan.FromMilliseconds(100));
        using var trainer = await FakeTrainer.ConnectAsync(_test, first, epoch: 2, iteration: 8);
        await StopAsync(trainer, 3);

        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "another process");
        Assert.False(SupervisorFixture.Lives(first));
    }

    /// <summary><see cref="TrainerLifeTests"/> checks when the limit passes and when it does not.</summary>
    [Fact]
    public async Task LoopComesBack_ThenHangsInALaterEpoch_IsKilled()
    {
        var first = await StartAsync(TimeSpan.FromMilliseconds(300), time: new FakeTimeProvider());
        using var trainer = await FakeTrainer.ConnectAsync(_test, first, epoch: 2, iteration: 8);
        await StopAsync(trainer, 3);
        _test.Supervisor.MarkAsking(Rank);
        await StopAsync(trainer, 4);
        Assert.True(SupervisorFixture.Lives(first));

        _test.Supervisor.MarkLoading(Rank, new Epoch(4));
        await StopAsync(trainer, 5);

        await _test.LetTimePassUntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "another process");
    }

    [Fact]
    public async Task Stop_WithoutAnAnswer_KillsTheTrainer_AndIsNoProblem()
    {
        var first = await StartAsync(TimeSpan.FromSeconds(60), stopLimit: TimeSpan.FromMilliseconds(50));
        using var trainer = await FakeTrainer.ConnectAsync(_test, first, epoch: 2);
        await _test.UntilAsync(TrainerState.Training);

        await _test.Supervisor.StopEpochAsync(new Epoch(3)).WaitAsync(SupervisorFixture.Limit);

        Assert.False(SupervisorFixture.Lives(first));
        trainer.Dispose();
        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
        Assert.Null(_test.Supervisor.Problem);
    }

    [Fact]
    public async Task Frozen_DoesNotAnswerTheStop_IsKilled()
    {
        var first = await StartAsync(TimeSpan.FromSeconds(60), stopLimit: TimeSpan.FromMilliseconds(50));
        using var trainer = await FakeTrainer.ConnectAsync(_test, first, epoch: 2, iteration: 8);
        await _test.UntilAsync(TrainerState.Training);
        ProcessSignals.Stop(first);

        await _test.Supervisor.StopEpochAsync(new Epoch(3)).WaitAsync(SupervisorFixture.Limit);

        Assert.False(SupervisorFixture.Lives(first));
    }

    [Fact]
    public async Task Killed_IsReportedBeforeItsSocketEnds()
    {
        var first = await StartAsync(TimeSpan.FromSeconds(60));
        // The fake end of the socket outlives the process, so only the kernel's flags can show the death.
        using var trainer = await FakeTrainer.ConnectAsync(_test, first, epoch: 2, iteration: 8);
        await _test.UntilAsync(TrainerState.Training);

        ProcessTools.Kill(first);

        Assert.True((await _test.UntilAsync(TrainerState.Exited)).FailedAtUnixMilliseconds > 0);
    }

    private async Task<int> StartAsync(TimeSpan floor, TimeSpan? stopLimit = null, TimeProvider? time = null)
    {
        _test.Start(SupervisorFixture.Sleeps, options => options with { ReturnFloor = floor, StopLimit = stopLimit ?? options.StopLimit }, time: time);
        return (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
    }

    private async Task StopAsync(FakeTrainer trainer, long epoch)
    {
        await _test.UntilAsync(report => report.State is TrainerState.Training or TrainerState.Waiting or TrainerState.Loading, "its hello");
        var stop = _test.Supervisor.StopEpochAsync(new Epoch(epoch));
        trainer.Send(new TrainerStopped(epoch));
        await stop.WaitAsync(SupervisorFixture.Limit);
    }
}
