using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;

namespace Gemini.Silo.Trainers;

/// <content>How a life begins, what its end means for the next one, and what is in the way.</content>
internal sealed partial class SupervisedTrainer
{
    /// <summary>What is written to a file that hangs is not waited for: the cause is for people.</summary>
    private static readonly TimeSpan CauseLimit = TimeSpan.FromSeconds(1);

    private readonly RestartPolicy _policy = new(host.Options.Restart);
    private string? _obstacle;
    private string? _verdict;
    private string? _warning;
    private long? _oomKillsBefore;
    private bool _sentAway;
    private bool _wasSignalled;
    private long _settledAt;

    /// <summary>
    /// Why the trainer does not come up, naming the fix; null when nothing is wrong, also while it is merely started again. A problem
    /// that is reported goes on until its cause is gone.
    /// </summary>
    public string? Problem
    {
        get { lock (_gate) return _obstacle ?? _verdict; }
    }

    /// <summary>
    /// That the trainer is killed again and again before its first step, and what to look at; null when it is not. It proves nothing against
    /// the trainer, so it is no problem of the host and costs it no position.
    /// </summary>
    public string? Warning
    {
        get { lock (_gate) return _warning; }
    }

    /// <summary>Adopts the holder of the lock, or starts a process. False: there is none, for the time being or for good.</summary>
    private async Task<bool> BeginLifeAsync()
    {
        var adopted = _lockFile.IsHeld();
        var holder = adopted ? _lockFile.HolderProcessId() : 0;
        Prepare(adopted, holder);
        if (adopted)
        {
            LogAwaited(host.Logger, localIndex, holder);
            return true;
        }

        var spare = _spares.Take();
        var process = spare ?? await StartProcessAsync();
        if (process is null) return false;
        lock (_gate)
        {
            _process = process;
            ExpectHelloUnderLock(TrainerState.Starting, process.Id, spare is null ? host.Options.StartLimit : host.Options.AdoptionLimit);
        }

        changed();
        LogStarted(host.Logger, localIndex, process.Id);
        if (process.Logs.Problem is { } lost) LogOutputLost(host.Logger, localIndex, lost);
        return true;
    }

    /// <summary>Forgets the life before. A connection that is here already is of the life that begins.</summary>
    private void Prepare(bool adopted, int holder)
    {
        TrainerProcess? before;
        var oomKills = host.OomKills();
        lock (_gate)
        {
            _oomKillsBefore = oomKills;
            (before, _process) = (_process, null);
            (_alive, _adopted, _saidHello, _stopped) = (true, adopted, _connection is not null, default);
            (_ending, _stepped, _finished, _sentAway) = (false, false, false, false);
            (_isKilled, _wasSignalled, _killReason) = (false, false, null);
            BeginLifeOfLoopUnderLock();
            if (_connection is null) _rank = null;
            if (adopted) ExpectHelloUnderLock(TrainerState.Awaited, holder, host.Options.AdoptionLimit);
        }

        before?.Dispose();
        changed();
    }

    /// <summary>There is a process, which has to say hello, unless it has done so already.</summary>
    private void ExpectHelloUnderLock(TrainerState state, int processId, TimeSpan limit)
    {
        WatchForDeathUnderLock(processId);
        _helloDeadline = DeadlineIn(limit);
        if (_connection is not null) return;
        _report = new TrainerReport
        {
            LocalIndex = localIndex,
            State = state,
            ProcessId = processId,
            FailedAtUnixMilliseconds = _report.FailedAtUnixMilliseconds,
            SkippedSaves = _report.SkippedSaves,
        };
    }

    /// <summary>
    /// Null: no process can be started now, or nobody wants one any more. A start that hangs is waited for, because another one would
    /// hang too; meanwhile the host reports it.
    /// </summary>
    private async Task<TrainerProcess?> StartProcessAsync()
    {
        var start = new TrainerStart(host, localIndex);
        var hangs = Task.Delay(host.Options.LaunchLimit, host.Time);
        while (!start.Process.IsCompleted && !Done)
        {
            var next = _signal.Next;
            if (Done) break;
            await Task.WhenAny(start.Process, next, _detached.Task, hangs);
            if (!hangs.IsCompleted || start.Process.IsCompleted) continue;
            SetObstacle($"Trainer {localIndex} does not start: for more than {host.Options.LaunchLimit.TotalSeconds:0.#} s the host "
                + $"{start.Step}. Check whether that file system answers.");
            hangs = Task.Delay(Timeout.InfiniteTimeSpan, host.Time);
        }

        if (!start.Process.IsCompleted || Done)
        {
            start.Abandon();
            return null;
        }

        try
        {
            var process = await start.Process;
            SetObstacle(null);
            return process;
        }
        catch (Exception error)
        {
            SetObstacle($"Trainer {localIndex} cannot be started: {error.Message}");
            TimeSpan pause;
            lock (_gate) pause = _policy.OnEnd(TrainerEnd.OwnFault, finishedAStep: false);
            await PauseAsync(pause);
            return null;
        }
    }

    private async Task AfterDeathAsync()
    {
        StopWatchingForDeath();
        if (_detached.Task.IsCompleted) return;
        var exitCode = _process?.ExitCode;
        bool completed;
        lock (_gate) completed = RestsUnderLock || (_finished && (_killReason is not null || exitCode is null or 0));
        if (!completed) Update(report => report with { State = TrainerState.Exited });
        var isOutOfMemory = exitCode == TrainerExitCode.Killed && host.OomKills() > _oomKillsBefore;
        var end = TrainerExitCode.Describe(exitCode) + (isOutOfMemory ? "; the kernel ended a process here because memory ran out" : "");
        LogExited(host.Logger, localIndex, end, Report.State);
        if (completed) await RestAsync();
        else await PauseAsync(await JudgeAsync(exitCode, isOutOfMemory));
    }

    /// <summary>Says how long to wait before the next start.</summary>
    private async Task<TimeSpan> JudgeAsync(int? exitCode, bool isOutOfMemory)
    {
        TimeSpan pause;
        bool isBroken, isKilled;
        lock (_gate)
        {
            // A process that a signal had ended before the supervisor killed it did not hang: it takes long to give up its memory.
            var end = _sentAway || _shuttingDown ? TrainerEnd.SentAway
                : _killReason is not null && !_wasSignalled ? TrainerEnd.Hung
                : TrainerExitCode.Classify(exitCode);
            pause = _policy.OnEnd(end, _stepped);
            isBroken = _policy.IsBroken;
            isKilled = end == TrainerEnd.KilledFromOutside && _policy.IsKilledAgainAndAgain;
        }

        if (isBroken) SetVerdict(await ExplainAsync(exitCode));
        else if (isKilled) SetWarning(ExplainKills(exitCode, isOutOfMemory));
        else if (pause > TimeSpan.Zero) LogRestartsLater(host.Logger, localIndex, pause.TotalSeconds);
        return pause;
    }

    private async Task<string> ExplainAsync(int? exitCode)
    {
        var logs = _process?.Logs;
        var end = _killReason is { } hang && !_wasSignalled ? $"it was killed because {hang}" : $"it ended with {TrainerExitCode.Describe(exitCode)}";
        var cause = logs is null ? "" : await CauseAsync(logs);
        var line = cause.Length > 0 ? $": {cause.TrimEnd('.')}" : "";
        var where = logs is { Problem: null } ? $"See {logs.Errors}" : "Its output is lost";
        return $"Trainer {localIndex} failed {_policy.FailedStarts} times in a row before its first step; the last time {end}{line}. "
            + $"{where}. The host goes on starting it, at least every {host.Options.Restart.PauseMax.TotalSeconds:0.#} s.";
    }

    private string ExplainKills(int? exitCode, bool isOutOfMemory)
    {
        var why = isOutOfMemory
            ? "when the kernel ended a process here because memory ran out: raise the memory limit of this host (of its container, unit or job), or let "
                + "the trainer need less"
            : exitCode == TrainerExitCode.Killed
                ? "by somebody outside of this program: a person, a scheduler, or the kernel, if memory ran out (look at this host's memory limit and at dmesg)"
                : "by somebody outside of this program: a person or a scheduler";
        var end = TrainerExitCode.Describe(exitCode);
        return $"Trainer {localIndex} was killed {_policy.Kills} times in a row before its first step; the last time with {end}, {why}. "
            + $"The host goes on starting it, at least every {host.Options.Restart.PauseMax.TotalSeconds:0.#} s.";
    }

    private async Task<string> CauseAsync(TrainerLogs logs)
    {
        var reading = Task.Factory.StartNew(logs.ErrorTail, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await Task.WhenAny(reading, Task.Delay(CauseLimit, host.Time)) == reading
            ? CauseOfDeath.Find(await reading)
            : $"its log cannot be read, because {logs.Errors} does not answer";
    }

    /// <summary>
    /// A trainer of a standby host, or of a job that waits for a host, finishes no step. When it has waited for its epoch for a while
    /// after its hello, it has come up.
    /// </summary>
    private bool IsSettlingUnderLock() => !_policy.IsHealthy && _connection is not null && !_entered;

    private void NoteSettled()
    {
        lock (_gate)
        {
            if (!IsSettlingUnderLock() || host.Time.GetTimestamp() < _settledAt) return;
            OnHealthyUnderLock();
        }

        changed();
    }

    private void OnHealthyUnderLock()
    {
        _policy.OnHealthy();
        (_verdict, _warning) = (null, null);
    }

    /// <summary>Something is in the way of a start now; null: no more.</summary>
    private void SetObstacle(string? problem) => SetProblem(ref _obstacle, problem);

    private void SetVerdict(string problem) => SetProblem(ref _verdict, problem);

    private void SetWarning(string warning) => SetProblem(ref _warning, warning);

    private void SetProblem(ref string? place, string? problem)
    {
        lock (_gate)
        {
            if (place == problem) return;
            place = problem;
        }

        if (problem is not null) LogProblem(host.Logger, problem);
        changed();
    }
}
