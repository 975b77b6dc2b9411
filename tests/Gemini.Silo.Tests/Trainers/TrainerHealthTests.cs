using System.Diagnostics;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Silo.Tests.Configuration;
using Gemini.Silo.Trainers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Gemini.Silo.Trainers.LoopAction;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>What people are told about a trainer that does not come up, and when they are told that it is over.</summary>
public sealed class TrainerHealthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DeathWatch _deaths = new(() => true);
    private readonly TrainerHealth _health;
    private long? _oomKills = 5;
    private int _changes;

    public TrainerHealthTests()
    {
        var options = LifeOf.Options with
        {
            Restart = new RestartOptions { FailedStartLimit = 2, PauseMin = TimeSpan.FromSeconds(1), PauseMax = TimeSpan.FromSeconds(4) },
        };
        var paths = new HostPaths(_folder.Path, "job", new HostName("a"));
        _health = new TrainerHealth(
            0,
            new TrainerContext(new JobSpec { Name = "job", Hosts = [new("a")] }, new HostName("a"), paths, options, _time, _deaths, () => _oomKills, NullLogger.Instance),
            () => _changes++);
    }

    public void Dispose()
    {
        _deaths.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Ends_ByItsOwnFault_IsAVerdictFromTheLimitOn_AndThePausesGrow()
    {
        Assert.Equal(TimeSpan.Zero, await EndAsync(TrainerEnd.OwnFault, exitCode: 3));
        Assert.Null(_health.Problem);
        Assert.Equal(TimeSpan.FromSeconds(1), await EndAsync(TrainerEnd.OwnFault, exitCode: 3));
        Assert.Equal(
            "Trainer 0 failed 2 times in a row before its first step; the last time it ended with exit code 3. Its output is lost. "
            + "The host continues to start it, at least every 4 s.",
            _health.Problem);
        Assert.Equal(TimeSpan.FromSeconds(2), await EndAsync(TrainerEnd.OwnFault, exitCode: 3));
        Assert.Equal(TimeSpan.FromSeconds(4), await EndAsync(TrainerEnd.Hung, exitCode: 137, hang: "it said no hello in time"));
        Assert.Contains("failed 4 times in a row before its first step; the last time it was killed because it said no hello in time.", _health.Problem);
        Assert.Equal(TimeSpan.FromSeconds(4), await EndAsync(TrainerEnd.OwnFault, exitCode: 3));
    }

    [Fact]
    public async Task Healthy_EndsVerdictAndWarning_AndIsSaidOnce()
    {
        for (var end = 0; end < 2; end++) await EndAsync(TrainerEnd.KilledFromOutside, exitCode: 137);
        for (var end = 0; end < 2; end++) await EndAsync(TrainerEnd.OwnFault, exitCode: 3);
        Assert.True(_health is { Problem: not null, Warning: not null });
        var changes = _changes;
        _health.OnHealthy();
        _health.OnHealthy();
        Assert.Equal((null, null, changes + 1), (_health.Problem, _health.Warning, _changes));
        // The earlier failures do not count any more.
        Assert.Equal(TimeSpan.Zero, await EndAsync(TrainerEnd.OwnFault, exitCode: 3));
        Assert.Null(_health.Problem);
    }

    /// <summary>An obstacle prevents a start now, so it comes before what earlier starts have shown. A step of the trainer does not remove it.</summary>
    [Fact]
    public async Task Obstacle_HidesTheVerdictUntilItIsGone()
    {
        for (var end = 0; end < 2; end++) await EndAsync(TrainerEnd.OwnFault, exitCode: 3);
        var verdict = _health.Problem;
        _health.SetObstacle("its file system hangs");
        Assert.Equal("its file system hangs", _health.Problem);
        _health.SetObstacle(null);
        Assert.Equal(verdict, _health.Problem);

        _health.SetObstacle("its file system hangs");
        _health.OnHealthy();
        Assert.Equal("its file system hangs", _health.Problem);
    }

    [Fact]
    public void Obstacle_TheSameAgain_IsNotSaidAgain()
    {
        _health.SetObstacle("it hangs");
        _health.SetObstacle("it hangs");
        Assert.Equal(1, _changes);
        _health.SetObstacle(null);
        _health.SetObstacle(null);
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void LaunchFails_IsAnObstacle_AndCountsLikeAFailedStart()
    {
        Assert.Equal(TimeSpan.Zero, _health.OnLaunchFailed("No such file or directory"));
        Assert.Equal("Trainer 0 cannot be started: No such file or directory", _health.Problem);
        Assert.Equal(TimeSpan.FromSeconds(1), _health.OnLaunchFailed("No such file or directory"));
    }

    /// <summary>Only a SIGKILL while the kernel killed somebody here is for want of memory. What was killed before this process began proves nothing.</summary>
    [Theory]
    [InlineData(137, 5L, 6L, true)]
    [InlineData(137, 5L, 5L, false)]
    [InlineData(143, 5L, 6L, false)]
    [InlineData(null, 5L, 6L, false)]
    [InlineData(137, null, null, false)]
    [InlineData(137, null, 6L, false)]
    [InlineData(137, 5L, null, false)]
    public void OutOfMemory_IsJudgedByTheKernelsCount(int? exitCode, long? before, long? after, bool expected)
    {
        _oomKills = before;
        _health.BeginLife();
        _oomKills = after;
        Assert.Equal(expected, _health.IsOutOfMemory(exitCode));
    }

    [Fact]
    public async Task Log_SaysWhy_TheVerdictHasTheCauseAndTheFile()
    {
        var logs = TrainerLogs.Prepare(Path.Combine(_folder.Path, "logs"), 0);
        File.AppendAllText(logs.Errors, "Unhandled exception. System.IO.InvalidDataException: record 20 is damaged.\n   at Program.Main()\n");
        for (var end = 0; end < 2; end++) await EndAsync(TrainerEnd.OwnFault, exitCode: 134, logs: logs);
        Assert.Contains("exit code 134 (SIGABRT): System.IO.InvalidDataException: record 20 is damaged. See " + logs.Errors, _health.Problem);
    }

    /// <summary>Only the output of the newest process counts: the log has that of every process before it.</summary>
    [Fact]
    public async Task Log_HasOnlyLinesOfAnEarlierProcess_TheVerdictHasNoCause()
    {
        var folder = Path.Combine(_folder.Path, "logs");
        File.AppendAllText(TrainerLogs.Prepare(folder, 0).Errors, "Unhandled exception. System.IO.InvalidDataException: of an earlier process\n");
        for (var end = 0; end < 2; end++) await EndAsync(TrainerEnd.OwnFault, exitCode: 1, logs: TrainerLogs.Prepare(folder, 0));
        Assert.DoesNotContain("earlier process", _health.Problem);
    }

    /// <summary>The log is on a file system that hangs: the next start does not wait for it longer than a second.</summary>
    [Fact]
    public async Task Log_CannotBeRead_TheVerdictComesWithoutIt()
    {
        var logs = TrainerLogs.Prepare(Path.Combine(_folder.Path, "logs"), 0);
        File.Delete(logs.Errors);
        // Opening a pipe waits until somebody writes to it.
        Process.Start("mkfifo", logs.Errors).WaitForExit();
        await EndAsync(TrainerEnd.OwnFault, exitCode: 3, logs: logs);
        var judging = EndAsync(TrainerEnd.OwnFault, exitCode: 3, logs: logs);
        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.False(judging.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.FromSeconds(1), await judging.WaitAsync(Wait.Limit, TestContext.Current.CancellationToken));
        Assert.Contains($"its log cannot be read, because {logs.Errors} does not answer. See {logs.Errors}", _health.Problem);
        // Let the reading thread end.
        await Task.Run(() => File.AppendAllText(logs.Errors, "")).WaitAsync(Wait.Limit, TestContext.Current.CancellationToken);
    }

    private Task<TimeSpan> EndAsync(TrainerEnd end, int? exitCode, string? hang = null, TrainerLogs? logs = null) =>
        _health.JudgeAsync(new Conclude(exitCode, end, HasStepped: false, hang, TrainerState.Exited, IsCompleted: false), isOutOfMemory: false, logs);
}
