using static Gemini.Silo.Trainers.LoopAction;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Trainers;

/// <summary>
/// Looks at one trainer's process and at its lock, and carries out the decisions of <see cref="TrainerLife"/>. Only the loop of
/// <see cref="SupervisedTrainer"/> uses it, and holds no lock meanwhile, because the operating system may be slow.
/// </summary>
/// <param name="localIndex">Which of the host's trainers.</param>
/// <param name="context">The host, its files and its options.</param>
/// <param name="spares">The spares of this trainer.</param>
/// <param name="health">Is told what prevents a start, and how processes end.</param>
/// <param name="signalled">Called on any thread when the kernel begins to end the watched process.</param>
internal sealed class TrainerExecutor(int localIndex, TrainerContext context, SparePool spares, TrainerHealth health, Action<int> signalled)
{
    private readonly TrainerLockFile _lockFile = new(context.Paths.TrainerLock(localIndex));
    private TrainerStart? _start;
    private TrainerProcess? _process;
    private IDisposable? _deathWatch;
    private int _watchedProcess;

    /// <summary>The running start or process; null: there is none.</summary>
    public Task? Pending
    {
        get
        {
            if (_start is { Process.IsCompleted: false } start) return start.Process;
            return _process is { Exited.IsCompleted: false } process ? process.Exited : null;
        }
    }

    /// <summary>Looks at what the phase needs.</summary>
    public TrainerEvent Look(TrainerLife life)
    {
        if (life.Phase == TrainerPhase.Launching && _start is { Process.IsCompleted: true } start) return Finish(start);
        var hasEnded = _process is { Exited.IsCompleted: true };
        int? exitCode = hasEnded ? _process!.ExitCode : null;
        // A living process holds its lock, or will take it.
        if (!life.NeedsLock || (_process is not null && !hasEnded)) return new Looked(hasEnded, exitCode);
        var isHeld = _lockFile.IsHeld();
        return new Looked(hasEnded, exitCode, isHeld, isHeld && life.Phase == TrainerPhase.Beginning ? _lockFile.HolderProcessId() : 0);
    }

    /// <returns>The result, if it is known already. Otherwise null, and a later look finds it.</returns>
    public async Task<TrainerEvent?> CarryOutAsync(LoopAction action)
    {
        switch (action)
        {
            case Launch:
                BeginLife();
                return Begin();
            case AbandonLaunch:
                _start?.Abandon();
                _start = null;
                break;
            case Adopt adopted:
                BeginLife();
                TrainerLog.Awaited(context.Logger, localIndex, adopted.Holder);
                break;
            case Kill kill:
                TrainerLog.Killed(context.Logger, localIndex, kill.Reason);
                EndProcess();
                break;
            case KillAgain again:
                health.SetObstacle(CannotBeKilled(again.ProcessId));
                EndProcess();
                break;
            case Watch watch:
                BeginWatch(watch.ProcessId);
                break;
            case Unwatch:
                _deathWatch?.Dispose();
                (_deathWatch, _watchedProcess) = (null, 0);
                break;
            case SayStartHangs:
                health.SetObstacle(StartHangs());
                break;
            case ClearObstacle:
                health.SetObstacle(null);
                break;
            case JudgeLaunch failed:
                return new Judged(health.OnLaunchFailed(failed.Problem));
            case Conclude ended:
                return await ConcludeAsync(ended);
        }

        return null;
    }

    private TrainerEvent Finish(TrainerStart start)
    {
        _start = null;
        if (!start.Process.IsCompletedSuccessfully) return new LaunchFailed(start.Process.Exception?.InnerException?.Message ?? "the start was abandoned");
        Take(start.Process.Result);
        return new Launched(start.Process.Result.Id);
    }

    private void BeginLife()
    {
        _process?.Dispose();
        _process = null;
        health.BeginLife();
    }

    private Launched? Begin()
    {
        if (spares.Take() is not { } spare)
        {
            _start = new TrainerStart(context, localIndex);
            return null;
        }

        Take(spare);
        return new Launched(spare.Id, IsSpare: true);
    }

    private void Take(TrainerProcess process)
    {
        _process = process;
        TrainerLog.Started(context.Logger, localIndex, process.Id);
        if (process.Logs.Problem is { } lost) TrainerLog.OutputLost(context.Logger, localIndex, lost);
    }

    private void EndProcess()
    {
        _process?.Kill();

        // The command may have started other processes. The trainer itself is the process that holds the lock.
        _lockFile.KillHolder();
    }

    private void BeginWatch(int processId)
    {
        if (processId == _watchedProcess || processId <= 1) return;
        _deathWatch?.Dispose();
        _watchedProcess = processId;
        _deathWatch = context.Deaths.Watch(processId, () => signalled(processId));
    }

    private async Task<TrainerEvent?> ConcludeAsync(Conclude ended)
    {
        var isOutOfMemory = health.IsOutOfMemory(ended.ExitCode);
        var end = TrainerExitCode.Describe(ended.ExitCode) + (isOutOfMemory ? "; the kernel killed a process here because memory ran out" : "");
        TrainerLog.Exited(context.Logger, localIndex, end, ended.State);
        return ended.IsCompleted ? null : new Judged(await health.JudgeAsync(ended, isOutOfMemory, _process?.Logs));
    }

    private string StartHangs() => $"Trainer {localIndex} does not start: for more than {context.Options.LaunchLimit.TotalSeconds:0.#} s the host "
        + $"{_start?.Step}. Check whether that file system answers.";

    private string CannotBeKilled(int processId) =>
        $"Trainer {localIndex} (process {processId}) cannot be killed: it waits in the kernel, for example for a device or a file system " +
        $"that does not answer. No process is started in its place while it lives. Repair the device, or restart the machine.";
}
