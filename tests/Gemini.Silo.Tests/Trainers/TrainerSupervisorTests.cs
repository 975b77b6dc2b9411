using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Lives and deaths of a trainer process.</summary>
public sealed class TrainerSupervisorTests : IAsyncDisposable
{
    private readonly SupervisorFixture _test = new();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Start_GivesTheTrainerItsEnvironmentAndLogs()
    {
        _test.Start("env; echo its last words >&2; exit 3", options => options with { QuickDeathLimit = 1, RingAddress = "10.0.0.7" });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        var output = await File.ReadAllTextAsync(Path.Combine(_test.LogDirectory, "trainer-0.out.log"));
        Assert.Contains($"{TrainerEnvironment.Socket}={_test.Paths.TrainerSocket}\n", output, StringComparison.Ordinal);
        Assert.Contains($"{TrainerEnvironment.LockFile}={_test.Paths.TrainerLock(0)}\n", output, StringComparison.Ordinal);
        Assert.Contains($"{TrainerEnvironment.Host}=a\n", output, StringComparison.Ordinal);
        Assert.Contains($"{TrainerEnvironment.RingAddress}=10.0.0.7\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task QuickDeaths_AreAProblemThatSaysWhy()
    {
        _test.Start("echo its last words >&2; exit 3");
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        var problem = _test.Supervisor.Problem!;
        Assert.Contains("died 3 times", problem, StringComparison.Ordinal);
        Assert.Contains("exit code 3: its last words", problem, StringComparison.Ordinal);
        Assert.Contains("trainer-0.err.log", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandMissing_IsAProblem()
    {
        _test.Start("", options => options with { Command = "/no/such/trainer", QuickDeathLimit = 1 });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        Assert.Contains("/no/such/trainer", _test.Supervisor.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_IsReportedAndStartedAgain()
    {
        _test.Start(SupervisorFixture.Sleeps);
        var first = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        SupervisorFixture.Signal("KILL", first);
        var second = await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
        Assert.True(second.FailedAtUnixMilliseconds > 0);
        Assert.True(SupervisorFixture.Lives(second.ProcessId));
    }

    [Fact]
    public async Task ConnectionEnds_IsReportedAtOnceAndALingeringProcessIsKilled()
    {
        _test.Start(SupervisorFixture.Sleeps, options => options with { ExitGrace = TimeSpan.FromMilliseconds(700) });
        var first = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        using (await FakeTrainer.ConnectAsync(_test, first)) await _test.UntilAsync(TrainerState.Waiting);
        var dead = await _test.UntilAsync(TrainerState.Exited);
        Assert.True(dead.FailedAtUnixMilliseconds > 0);
        Assert.True(SupervisorFixture.Lives(first));
        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
        Assert.False(SupervisorFixture.Lives(first));
    }

    [Fact]
    public async Task LockIsHeld_NoSecondTrainerIsStartedBesideTheFirst()
    {
        using (HoldLock("1234567"))
        {
            _test.Start(SupervisorFixture.Sleeps);
            Assert.Equal(1234567, (await _test.UntilAsync(TrainerState.Awaited)).ProcessId);
            using var trainer = await FakeTrainer.ConnectAsync(_test, 1234567, epoch: 3, iteration: 7);
            var adopted = await _test.UntilAsync(TrainerState.Training);
            Assert.Equal((new Epoch(3), new Iteration(7), 4096), (adopted.Epoch, adopted.Iteration, adopted.ShardBytes));
            Assert.False(Directory.Exists(_test.LogDirectory));
        }

        await _test.UntilAsync(TrainerState.Starting);
    }

    [Fact]
    public async Task LockIsHeld_ReleasedWithoutAHello_StartsATrainer()
    {
        using (HoldLock("0"))
        {
            _test.Start(SupervisorFixture.Sleeps);
            await _test.UntilAsync(TrainerState.Awaited);
        }

        await _test.UntilAsync(TrainerState.Starting);
    }

    [Fact]
    public async Task LockIsHeld_NoHelloInTime_KillsTheHolder()
    {
        using var victim = System.Diagnostics.Process.Start("/bin/sh", ["-c", SupervisorFixture.Sleeps]);
        using (HoldLock($"{victim.Id}"))
        {
            _test.Start(SupervisorFixture.Sleeps, options => options with { AdoptionLimit = TimeSpan.FromMilliseconds(100) });
            await victim.WaitForExitAsync().WaitAsync(SupervisorFixture.Limit);
        }

        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != victim.Id, "a process of its own");
    }

    [Fact]
    public async Task Finished_ExitsWithZero_IsNotStartedUntilAnEpochNeedsIt()
    {
        _test.Start("trap 'exit 0' TERM; while :; do sleep 0.1; done");
        var first = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        using (var trainer = await FakeTrainer.ConnectAsync(_test, first, epoch: 1))
        {
            trainer.Send(new TrainerFinished(1, 9));
            Assert.Equal(new Iteration(9), (await _test.UntilAsync(TrainerState.Finished)).Iteration);
            SupervisorFixture.Signal("TERM", first);
        }

        await _test.UntilAsync(() => !SupervisorFixture.Lives(first) || _test.Report.State == TrainerState.Finished, "the exit");
        Assert.Equal((TrainerState.Finished, first), (_test.Report.State, _test.Report.ProcessId));
        await _test.Supervisor.StopEpochAsync(new Epoch(2), SupervisorFixture.Limit);
        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
    }

    [Fact]
    public async Task Detach_LeavesTheProcess()
    {
        _test.Start(SupervisorFixture.Sleeps);
        var processId = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        await _test.Supervisor.DetachAsync();
        Assert.True(SupervisorFixture.Lives(processId));
        SupervisorFixture.Signal("KILL", processId);
    }

    [Fact]
    public async Task Shutdown_TellsTheTrainerAndKillsItWhenItStays()
    {
        _test.Start(SupervisorFixture.Sleeps);
        var processId = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        using var trainer = await FakeTrainer.ConnectAsync(_test, processId);
        await _test.UntilAsync(TrainerState.Waiting);
        var shutdown = _test.Supervisor.ShutdownAsync("the host stops", TimeSpan.FromMilliseconds(100));
        Assert.Equal(new SiloExit("the host stops"), await trainer.ReceiveAsync());
        await shutdown.WaitAsync(SupervisorFixture.Limit);
        Assert.False(SupervisorFixture.Lives(processId));
        await _test.Supervisor.ShutdownAsync("once more");
    }

    private FileStream HoldLock(string content)
    {
        var file = new FileStream(_test.Paths.TrainerLock(0), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        file.Write(System.Text.Encoding.ASCII.GetBytes(content));
        file.Flush();
        return file;
    }
}
