using Gemini.Interfaces.Model;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>A file system that hangs while a trainer is started.</summary>
public sealed class TrainerStartTests : IAsyncDisposable
{
    private readonly SupervisorFixture _test = new();
    private readonly ManualResetEventSlim _answers = new();
    private readonly TaskCompletionSource _isOpened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        _answers.Set();
        // The hanging start makes its folder before the fixture deletes it, not afterwards.
        await _isOpened.Task.WaitAsync(SupervisorFixture.Limit);
        await _test.DisposeAsync();
        _answers.Dispose();
    }

    [Fact]
    public async Task LogFolderHangs_IsAProblem_AndHoldsNobodyUp()
    {
        await StartWithHangingLogsAsync();

        Assert.Contains($"opens the logs in {_test.LogDirectory}", _test.Supervisor.Problem, StringComparison.Ordinal);
        Assert.Equal(TrainerState.Exited, _test.Report.State);
        Assert.True(_test.Supervisor.StopEpochAsync(new Epoch(2)).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task LogFolderHangs_ThenAnswers_TheTrainerStarts()
    {
        await StartWithHangingLogsAsync();

        _answers.Set();

        Assert.True(SupervisorFixture.Lives((await _test.UntilAsync(TrainerState.Starting)).ProcessId));
        await _test.UntilAsync(() => _test.Supervisor.Problem is null, "the end of the problem");
    }

    [Fact]
    public async Task LogFolderHangs_ShutDownMeanwhile_NoProcessIsStartedAfterwards()
    {
        await StartWithHangingLogsAsync();

        await _test.Supervisor.ShutdownAsync("the host stops", SupervisorFixture.Limit).WaitAsync(SupervisorFixture.Limit);
        _answers.Set();

        await _isOpened.Task.WaitAsync(SupervisorFixture.Limit);
        Assert.Equal((TrainerState.Exited, 0), (_test.Report.State, _test.Report.ProcessId));
    }

    private async Task StartWithHangingLogsAsync()
    {
        _test.Start(SupervisorFixture.Sleeps, options => options with { LaunchLimit = TimeSpan.FromMilliseconds(50), OpenLogs = Open });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
    }

    private TrainerLogs Open(string directory, int localIndex)
    {
        _answers.Wait();
        var logs = TrainerLogs.Prepare(directory, localIndex);
        _isOpened.TrySetResult();
        return logs;
    }
}
