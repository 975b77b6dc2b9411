using Gemini.Grains.Hosts;
using static Gemini.Silo.Trainers.LoopAction;

namespace Gemini.Silo.Trainers;

/// <summary>Why a trainer does not come up, for people, and when its next process may start. Thread safe.</summary>
/// <remarks>
/// Three things can be said, each until its cause is gone. An obstacle is in the way of a start now. A verdict: starts fail one after the
/// other. A warning: somebody else ends the processes one after the other, which proves nothing against the trainer.
/// </remarks>
internal sealed class TrainerHealth(int localIndex, TrainerHost host, Action changed)
{
    /// <summary>What is written to a file that hangs is not waited for: the cause is for people.</summary>
    private static readonly TimeSpan CauseLimit = TimeSpan.FromSeconds(1);

    private readonly RestartPolicy _policy = new(host.Options.Restart);
    private readonly Lock _gate = new();
    private string? _obstacle;
    private string? _verdict;
    private string? _warning;
    private long? _oomKillsBefore;

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

    /// <summary>A process begins to live.</summary>
    public void BeginLife() => _oomKillsBefore = host.OomKills();

    /// <summary>The trainer has come up: whatever was wrong is cured.</summary>
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

    /// <summary>Something is in the way of a start now; null: no more.</summary>
    public void SetObstacle(string? problem) => Set(ref _obstacle, problem);

    /// <summary>Whether the kernel ended a process of this host in the life that is over because memory ran out, if that may explain its end.</summary>
    public bool IsOutOfMemory(int? exitCode) => exitCode == TrainerExitCode.Killed && host.OomKills() > _oomKillsBefore;

    /// <summary>A process is gone. Says how long to wait before the next start.</summary>
    /// <param name="ended">How it ended.</param>
    /// <param name="isOutOfMemory">Whether memory ran out.</param>
    /// <param name="logs">What it wrote; null if another silo started it.</param>
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
        else if (pause > TimeSpan.Zero) TrainerLog.RestartsLater(host.Logger, localIndex, pause.TotalSeconds);
        return pause;
    }

    private async Task<string> ExplainAsync(Conclude ended, TrainerLogs? logs)
    {
        var end = ended.Hang is { } hang ? $"it was killed because {hang}" : $"it ended with {TrainerExitCode.Describe(ended.ExitCode)}";
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

    private void Set(ref string? place, string? problem)
    {
        lock (_gate)
        {
            if (place == problem) return;
            place = problem;
        }

        if (problem is not null) TrainerLog.Problem(host.Logger, problem);
        changed();
    }
}
