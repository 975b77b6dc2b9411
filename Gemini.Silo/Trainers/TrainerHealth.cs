using Gemini.Grains.Hosts;
using static Gemini.Silo.Trainers.LoopAction;

namespace Gemini.Silo.Trainers;

/// <summary>Why a trainer does not start, for people, and when its next process may start. Thread-safe.</summary>
/// <remarks>
/// It reports up to three things, each until its cause is gone. An obstacle: something prevents a start now. A verdict: one start after the other
/// fails. A warning: somebody else kills one process after the other, which proves nothing against the trainer.
/// </remarks>
internal sealed class TrainerHealth(int localIndex, TrainerContext context, Action changed)
{
    /// <summary>How long to wait for reading the log. If its file system hangs, the report does without the cause.</summary>
    private static readonly TimeSpan CauseLimit = TimeSpan.FromSeconds(1);

    private readonly RestartPolicy _policy = new(context.Options.Restart);
    private readonly Lock _gate = new();
    private string? _obstacle;
    private string? _verdict;
    private string? _warning;
    private long? _oomKillsBefore;

    /// <summary>
    /// Why the trainer does not start, and the fix. Null if nothing is wrong, or if only a restart is pending. A reported problem stays until its
    /// cause is gone.
    /// </summary>
    public string? Problem
    {
        get { lock (_gate) return _obstacle ?? _verdict; }
    }

    /// <summary>
    /// A warning that the trainer is killed again and again before its first step, and what to check; null if it is not. This proves nothing against
    /// the trainer, so it is no problem of the host, and the host keeps its position.
    /// </summary>
    public string? Warning
    {
        get { lock (_gate) return _warning; }
    }

    /// <summary>A new process begins.</summary>
    public void BeginLife() => _oomKillsBefore = context.OomKills();

    /// <summary>The trainer works. Earlier problems are over.</summary>
    public void OnHealthy()
    {
        lock (_gate)
        {
            _policy.OnHealthy();
            if (_verdict is null && _warning is null) return;
            (_verdict, _warning) = (null, null);
        }

        changed();
    }

    /// <summary>No process could be started.</summary>
    public TimeSpan OnLaunchFailed(string problem)
    {
        SetObstacle($"Trainer {localIndex} cannot be started: {problem}");
        lock (_gate) return _policy.OnEnd(TrainerEnd.OwnFault, finishedAStep: false);
    }

    /// <summary>Sets or removes the obstacle: something that prevents a start now. Null: nothing does any more.</summary>
    public void SetObstacle(string? problem) => Set(ref _obstacle, problem);

    /// <summary>
    /// Whether memory ran out: the process was killed by SIGKILL, and during its life the kernel killed a process here because memory ran out.
    /// </summary>
    public bool IsOutOfMemory(int? exitCode) => exitCode == TrainerExitCode.Killed && context.OomKills() > _oomKillsBefore;

    /// <summary>A process is gone. Returns how long to wait before the next start.</summary>
    /// <param name="ended">How it ended.</param>
    /// <param name="isOutOfMemory">Whether memory ran out.</param>
    /// <param name="logs">The logs of the process; null if another silo started it.</param>
    public async Task<TimeSpan> JudgeAsync(Conclude ended, bool isOutOfMemory, TrainerLogs? logs)
    {
        TimeSpan pause;
        bool isBroken, isKilled;
        lock (_gate)
        {
            pause = _policy.OnEnd(ended.End, ended.HasStepped);
            isBroken = _policy.IsBroken;
            isKilled = ended.End == TrainerEnd.KilledFromOutside && _policy.IsKilledAgainAndAgain;
        }

        if (isBroken)
        {
            var verdict = await ExplainAsync(ended, logs);
            Set(ref _verdict, verdict);
        }
        else if (isKilled) Set(ref _warning, ExplainKills(ended.ExitCode, isOutOfMemory));
        else if (pause > TimeSpan.Zero) TrainerLog.RestartsLater(context.Logger, localIndex, pause.TotalSeconds);
        return pause;
    }

    private async Task<string> ExplainAsync(Conclude ended, TrainerLogs? logs)
    {
        var end = ended.Hang is { } hang ? $"it was killed because {hang}" : $"it ended with {TrainerExitCode.Describe(ended.ExitCode)}";
        var cause = logs is null ? "" : await CauseAsync(logs);
        var line = cause.Length > 0 ? $": {cause.TrimEnd('.')}" : "";
        var where = logs is { Problem: null } ? $"See {logs.Errors}" : "Its output is lost";
        return $"Trainer {localIndex} failed {_policy.FailedStarts} times in a row before its first step; the last time {end}{line}. "
            + $"{where}. The host continues to start it, at least every {context.Options.Restart.PauseMax.TotalSeconds:0.#} s.";
    }

    private string ExplainKills(int? exitCode, bool isOutOfMemory)
    {
        var why = isOutOfMemory
            ? "when the kernel killed a process here because memory ran out: raise the memory limit of this host (of its container, unit or job), or make "
                + "the trainer use less memory"
            : exitCode == TrainerExitCode.Killed
                ? "by somebody outside of this program: a person, a scheduler, or the kernel, if memory ran out (look at this host's memory limit and at dmesg)"
                : "by somebody outside of this program: a person or a scheduler";
        var end = TrainerExitCode.Describe(exitCode);
        return $"Trainer {localIndex} was killed {_policy.Kills} times in a row before its first step; the last time with {end}, {why}. "
            + $"The host continues to start it, at least every {context.Options.Restart.PauseMax.TotalSeconds:0.#} s.";
    }

    private async Task<string> CauseAsync(TrainerLogs logs)
    {
        var reading = Task.Factory.StartNew(logs.ErrorTail, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await Task.WhenAny(reading, Task.Delay(CauseLimit, context.Time)) == reading
            ? CauseOfDeath.Find(await reading)
            : $"its log cannot be read, because {logs.Errors} does not answer";
    }

    private void Set(ref string? place, string? problem)
    {
        lock (_gate)
        {
            if (place == problem) return;
            place = problem;
        }

        if (problem is not null) TrainerLog.Problem(context.Logger, problem);
        changed();
    }
}
