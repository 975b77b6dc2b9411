using System.Diagnostics;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Processes;
using Gemini.Silo.Trainers;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace Gemini.Silo.Tests.Trainers;

/// <summary>Lives and deaths of a trainer process.</summary>
public sealed class TrainerSupervisorTests : IAsyncDisposable
{
    private readonly SupervisorFixture _test = new();

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Start_GivesTheTrainerItsEnvironmentAndLogs()
    {
        _test.Start("env; echo its last words >&2; exit 3", options => AtFirst(options) with { RingAddress = "10.0.0.7" });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        var output = await File.ReadAllTextAsync(Path.Combine(_test.LogDirectory, "trainer-0.out.log"));
        Assert.Contains($"{TrainerEnvironment.Socket}={_test.Paths.TrainerSocket}\n", output, StringComparison.Ordinal);
        Assert.Contains($"{TrainerEnvironment.LockFile}={_test.Paths.TrainerLock(0)}\n", output, StringComparison.Ordinal);
        Assert.Contains($"{TrainerEnvironment.Host}=a\n", output, StringComparison.Ordinal);
        Assert.Contains($"{TrainerEnvironment.RingAddress}=10.0.0.7\n", output, StringComparison.Ordinal);
        Assert.Contains("DOTNET_EnableDiagnostics=0\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_RunsInItsWorkingFolder()
    {
        _test.Start("pwd >&2; exit 3", options => AtFirst(options) with { WorkingDirectory = "/proc/self" });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        Assert.Contains("exit code 3: /proc/", _test.Supervisor.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WorkingFolderIsMissing_IsAProblemThatNamesIt()
    {
        _test.Start(SupervisorFixture.Sleeps, options => AtFirst(options) with { WorkingDirectory = "/no/such/folder" });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        Assert.Contains("/no/such/folder", _test.Supervisor.Problem, StringComparison.Ordinal);
    }

    /// <summary>The clock here is slow between the look at the start and the wait for its end: the start ends meanwhile.</summary>
    [Fact]
    public async Task Start_EndsJustAfterALook_IsSeen()
    {
        var (launches, hasLooked, starter) = (0, false, (Thread?)null);
        var time = new SlowClock(() =>
        {
            if (Interlocked.Exchange(ref launches, 0) == 0) return;
            Volatile.Write(ref hasLooked, true);
            SpinWait.SpinUntil(() => Volatile.Read(ref starter) is { IsAlive: false }, SupervisorFixture.Limit);
        });
        TrainerLogs OpenAfterALook(string directory, int index)
        {
            Volatile.Write(ref starter, Thread.CurrentThread);
            SpinWait.SpinUntil(() => Volatile.Read(ref hasLooked), SupervisorFixture.Limit);
            return TrainerLogs.Prepare(directory, index);
        }

        // At the beginning of a launch, the supervisor asks how often the kernel has killed.
        _test.Start(
            SupervisorFixture.Sleeps, options => options with { LaunchLimit = TimeSpan.FromHours(1), OpenLogs = OpenAfterALook },
            () => Interlocked.Exchange(ref launches, 1), time);

        await _test.UntilAsync(TrainerState.Starting);
    }

    /// <summary>A log is for people. No trainer may wait or die because there is no log.</summary>
    [Fact]
    public async Task Start_LogsCannotBeWritten_TrainsWithoutThem()
    {
        File.WriteAllText(_test.LogDirectory, "a file where the folder should be");
        _test.Start(SupervisorFixture.Sleeps);
        Assert.True(SupervisorFixture.Lives((await _test.UntilAsync(TrainerState.Starting)).ProcessId));
        Assert.Null(_test.Supervisor.Problem);
    }

    [Fact]
    public async Task FailedStarts_AreAProblemThatSaysWhy_AndIsCuredByAStep()
    {
        _test.Start("""
            [ -e healed ] && exec sleep 600
            printf 'Unhandled exception. System.IO.InvalidDataException: record 20 is damaged\n   at Program.Main()\n' >&2
            exit 134
            """, options => options with { WorkingDirectory = _test.Paths.Directory, Restart = Quick });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        var problem = _test.Supervisor.Problem!;
        Assert.Contains("failed 3 times in a row before its first step", problem, StringComparison.Ordinal);
        Assert.Contains("exit code 134 (SIGABRT): System.IO.InvalidDataException: record 20 is damaged. ", problem, StringComparison.Ordinal);
        Assert.Contains("trainer-0.err.log", problem, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(_test.Paths.Directory, "healed"), "");
        using var trainer = await FakeTrainer.ConnectAsync(_test, await SleepsAsync(), epoch: 1);
        Assert.NotNull(_test.Supervisor.Problem);
        trainer.Send(new TrainerStep(1, 1, 1.5, 10));
        await _test.UntilAsync(() => _test.Supervisor.Problem is null, "the cure");
    }

    /// <summary>Trainers of a standby host finish no step.</summary>
    [Fact]
    public async Task FailedStarts_ThenOneThatWaitsForItsEpoch_IsCured()
    {
        _test.Start("[ -e healed ] && exec sleep 600; exit 3", options =>
            AtFirst(options) with { WorkingDirectory = _test.Paths.Directory, Restart = Quick with { FailedStartLimit = 1, SettleTime = TimeSpan.Zero } });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");

        File.WriteAllText(Path.Combine(_test.Paths.Directory, "healed"), "");
        using var trainer = await FakeTrainer.ConnectAsync(_test, await SleepsAsync());
        await _test.UntilAsync(() => _test.Supervisor.Problem is null, "the cure");
    }

    [Fact]
    public async Task HangsBeforeItsHello_EveryTime_IsAProblem()
    {
        _test.Start(SupervisorFixture.Sleeps, options => options with { StartLimit = TimeSpan.FromMilliseconds(20), Restart = Quick });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        Assert.Contains("it was killed because it said no hello in time", _test.Supervisor.Problem, StringComparison.Ordinal);
    }

    /// <summary>A kill from outside is no sign of a broken trainer.</summary>
    [Theory]
    [InlineData(SupervisorFixture.Sigkill, false, "exit code 137 (SIGKILL), by somebody outside of this program: a person, a scheduler, or the kernel, if memory ran out")]
    [InlineData(SupervisorFixture.Sigkill, true, "exit code 137 (SIGKILL), when the kernel killed a process here because memory ran out: raise the memory limit")]
    [InlineData(SupervisorFixture.Sigterm, true, "exit code 143 (SIGTERM), by somebody outside of this program: a person or a scheduler. ")]
    public async Task KilledFromOutside_AgainAndAgain_IsNoProblem_ButPeopleAreTold(int signal, bool memoryRunsOut, string expected)
    {
        var oomKills = 0L;
        _test.Start(SupervisorFixture.Sleeps, options => options with { Restart = Quick }, () => memoryRunsOut ? oomKills++ : oomKills);
        var last = 0;
        Assert.Null(_test.Supervisor.Warning);
        for (var kills = 0; kills < 6; kills++)
        {
            last = (await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != last, "the next process")).ProcessId;
            ProcessSignals.Send(last, signal);
        }

        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != last, "the next process");
        Assert.Null(_test.Supervisor.Problem);
        Assert.StartsWith("Trainer 0 was killed 6 times in a row before its first step; the last time with ", _test.Supervisor.Warning, StringComparison.Ordinal);
        Assert.Contains(expected, _test.Supervisor.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandMissing_IsAProblem()
    {
        _test.Start("", options => AtFirst(options) with { Command = "/no/such/trainer" });
        await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
        Assert.Contains("/no/such/trainer", _test.Supervisor.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_IsReportedAndStartedAgain()
    {
        _test.Start(SupervisorFixture.Sleeps);
        var first = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        ProcessTools.Kill(first);
        var second = await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
        Assert.True(second.FailedAtUnixMilliseconds > 0);
        Assert.True(SupervisorFixture.Lives(second.ProcessId));
    }

    [Fact]
    public async Task ConnectionEnds_IsReportedAtOnceAndALingeringProcessIsKilled()
    {
        _test.Start(SupervisorFixture.Sleeps, time: new FakeTimeProvider());
        var first = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        using (await FakeTrainer.ConnectAsync(_test, first)) await _test.UntilAsync(TrainerState.Waiting);
        var dead = await _test.UntilAsync(TrainerState.Exited);
        Assert.True(dead.FailedAtUnixMilliseconds > 0);
        Assert.True(SupervisorFixture.Lives(first));
        await _test.LetTimePassUntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
        Assert.False(SupervisorFixture.Lives(first));
    }

    [Fact]
    public async Task LockIsHeld_NoSecondTrainerIsStartedBesideTheFirst()
    {
        using (HoldLock("1"))
        {
            _test.Start(SupervisorFixture.Sleeps);
            // The process id in the file is ignored: the kernel knows which process holds the lock.
            Assert.Equal(Environment.ProcessId, (await _test.UntilAsync(TrainerState.Awaited)).ProcessId);
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
        using (HoldLock("1"))
        {
            _test.Start(SupervisorFixture.Sleeps);
            await _test.UntilAsync(TrainerState.Awaited);
        }

        await _test.UntilAsync(TrainerState.Starting);
    }

    [Fact]
    public async Task LockIsHeld_NoHelloInTime_KillsTheHolder()
    {
        using var victim = await HoldLockInAnotherProcessAsync();
        _test.Start(SupervisorFixture.Sleeps, options => options with { AdoptionLimit = TimeSpan.FromMilliseconds(100) });
        await victim.WaitForExitAsync().WaitAsync(SupervisorFixture.Limit);
        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != victim.Id, "a process of its own");
    }

    /// <summary>Like a process that waits in the kernel and cannot be killed. Here it is the test itself, which the supervisor never kills.</summary>
    [Fact]
    public async Task LockIsHeld_HolderCannotBeKilled_IsAProblem_UntilItIsGone()
    {
        using (HoldLock("1"))
        {
            _test.Start(SupervisorFixture.Sleeps, options => options with
            {
                AdoptionLimit = TimeSpan.FromMilliseconds(10),
                KillLimit = TimeSpan.FromMilliseconds(50),
            });
            await _test.UntilAsync(() => _test.Supervisor.Problem is not null, "a problem");
            Assert.Contains($"process {Environment.ProcessId}) cannot be killed", _test.Supervisor.Problem, StringComparison.Ordinal);
            // The halt of an epoch does not wait for this process for ever: a process that is being killed writes nothing.
            await _test.Supervisor.StopEpochAsync(new Epoch(2)).WaitAsync(SupervisorFixture.Limit);
            Assert.NotEqual(TrainerState.Starting, _test.Report.State);
        }

        await _test.UntilAsync(TrainerState.Starting);
        Assert.Null(_test.Supervisor.Problem);
    }

    [Fact]
    public async Task Finished_ExitsWithZero_IsNotStartedUntilAnEpochNeedsIt()
    {
        var trapped = Path.Combine(_test.Paths.Directory, "trapped");
        // The exit after the signal may take as long as it likes.
        _test.Start($"trap 'exit 0' TERM; : > '{trapped}'; while :; do sleep 0.1; done", options => options with { ExitGrace = TimeSpan.FromHours(1) });
        var first = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        using (var trainer = await FakeTrainer.ConnectAsync(_test, first, epoch: 1))
        {
            trainer.Send(new TrainerFinished(1, 9));
            Assert.Equal(new Iteration(9), (await _test.UntilAsync(TrainerState.Finished)).Iteration);
            await Wait.UntilAsync(() => File.Exists(trapped), "the trap");
            ProcessSignals.Send(first, SupervisorFixture.Sigterm);
        }

        await Wait.UntilAsync(() => !SupervisorFixture.Lives(first), "the exit");
        Assert.Equal((TrainerState.Finished, first), (_test.Report.State, _test.Report.ProcessId));
        await _test.Supervisor.StopEpochAsync(new Epoch(2)).WaitAsync(SupervisorFixture.Limit);
        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
    }

    [Fact]
    public async Task Rest_ATrainerThatComesUp_SaysHowMuchItMeansToRun_ExitsAndIsNotStartedUntilAnEpochBegins()
    {
        _test.Start(SupervisorFixture.Sleeps);
        var first = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        _test.Supervisor.AdoptEpoch(new Epoch(4));
        _test.Supervisor.Rest(new Epoch(4));
        Assert.True(SupervisorFixture.Lives(first));

        using (var trainer = await FakeTrainer.ConnectAsync(_test, first))
        {
            TrainerMessage? message;
            do message = await trainer.ReceiveAsync();
            while (message is not (SiloExit or null));
            Assert.Equal(new SiloExit("the job is finished"), message);
        }

        await _test.UntilAsync(TrainerState.Exited);
        await Wait.UntilAsync(() => !SupervisorFixture.Lives(first), "the process to be gone");
        Assert.Equal((first, 100L), (_test.Report.ProcessId, _test.Report.TotalIterations));
        await _test.Supervisor.StopEpochAsync(new Epoch(5));
        await _test.UntilAsync(report => report.State == TrainerState.Starting && report.ProcessId != first, "a second process");
    }

    [Fact]
    public async Task Detach_LeavesTheProcess()
    {
        _test.Start(SupervisorFixture.Sleeps);
        var processId = (await _test.UntilAsync(TrainerState.Starting)).ProcessId;
        await _test.Supervisor.DetachAsync();
        Assert.True(SupervisorFixture.Lives(processId));
        ProcessTools.Kill(processId);
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

    private static RestartOptions Quick => new() { PauseMin = TimeSpan.FromMilliseconds(1), PauseMax = TimeSpan.FromMilliseconds(1) };

    private static TrainerOptions AtFirst(TrainerOptions options) => options with { Restart = options.Restart with { FailedStartLimit = 1 } };

    /// <summary>The trainer has passed its check, and sleeps. Returns its process id.</summary>
    private async Task<int> SleepsAsync()
    {
        await Wait.UntilAsync(() => _test.Report.State == TrainerState.Starting && ProcessTools.Runs(_test.Report.ProcessId, "sleep"), "a process that sleeps");
        return _test.Report.ProcessId;
    }

    private SafeFileHandle HoldLock(string content)
    {
        var held = PrivateFile.OpenOrCreate(_test.Paths.TrainerLock(0));
        Assert.True(PrivateFile.TryLock(held));
        RandomAccess.Write(held, System.Text.Encoding.ASCII.GetBytes(content), 0);
        return held;
    }

    private async Task<Process> HoldLockInAnotherProcessAsync()
    {
        var path = _test.Paths.TrainerLock(0);
        PrivateFile.OpenOrCreate(path).Dispose();
        var process = Process.Start("flock", ["--no-fork", path, "sleep", "600"]);
        await Wait.UntilAsync(() => new TrainerLockFile(path).HolderProcessId() == process.Id, "the other process to hold the lock");
        return process;
    }

    private sealed class SlowClock(Action asked) : TimeProvider
    {
        public override long GetTimestamp()
        {
            asked();
            return base.GetTimestamp();
        }
    }
}
