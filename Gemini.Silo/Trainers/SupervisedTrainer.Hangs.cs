namespace Gemini.Silo.Trainers;

/// <content>
/// A trainer whose socket thread answers a stop, but whose training loop never comes back to ask where to go on from. It is ended, so that
/// the recovery does not wait for it for ever. The limit follows the trainer's own speed: a long forward pass is no hang.
/// </content>
internal sealed partial class SupervisedTrainer
{
    /// <summary>Enough for a steady median.</summary>
    private const int RememberedSteps = 31;

    private readonly Queue<double> _stepMilliseconds = [];
    private IDisposable? _deathWatch;
    private int _watchedProcess;
    private long _returnDeadline;
    private TimeSpan _returnLimit;
    private bool _entered;
    private bool _asking;

    /// <summary>The training loop waits for a restore point.</summary>
    public void MarkAsking()
    {
        lock (_gate) (_asking, _returnDeadline) = (true, 0);
    }

    /// <summary>The training loop was given one, and goes its way with it.</summary>
    public void MarkHanded()
    {
        lock (_gate) (_asking, _entered) = (false, true);
    }

    private void BeginLifeOfLoopUnderLock() => (_asking, _entered, _returnDeadline) = (false, false, 0);

    /// <summary>It has said that it stopped. Before its first epoch it may still build its model, and the start has a limit of its own.</summary>
    private void ExpectReturnUnderLock()
    {
        if (_asking || _finished || !_entered || _returnDeadline != 0) return;
        var sorted = _stepMilliseconds.Order().ToArray();
        var median = sorted.Length == 0 ? 0 : sorted[sorted.Length / 2];
        _returnLimit = TimeSpan.FromMilliseconds(Math.Max(host.Options.ReturnFloor.TotalMilliseconds, host.Options.ReturnMultiple * median));
        _returnDeadline = DeadlineIn(_returnLimit);
    }

    /// <summary>Why the process has to be ended; null: it does not hang.</summary>
    private string? HangUnderLock(bool isConnected)
    {
        var now = host.Time.GetTimestamp();
        if (!isConnected && now > _helloDeadline) return "it said no hello in time";
        return _returnDeadline != 0 && now > _returnDeadline
            ? $"it stopped, but its training loop did not come back within {_returnLimit.TotalSeconds:0.#} s"
            : null;
    }

    private void RememberStepUnderLock(double milliseconds)
    {
        _stepMilliseconds.Enqueue(milliseconds);
        if (_stepMilliseconds.Count > RememberedSteps) _stepMilliseconds.Dequeue();
    }

    /// <summary>Watches the process that is now the trainer's.</summary>
    private void WatchForDeathUnderLock(int processId)
    {
        if (processId == _watchedProcess || processId <= 1) return;
        _deathWatch?.Dispose();
        _watchedProcess = processId;
        _deathWatch = host.Deaths.Watch(processId, () => OnKilled(processId));
    }

    private void StopWatchingForDeath()
    {
        lock (_gate)
        {
            _deathWatch?.Dispose();
            (_deathWatch, _watchedProcess) = (null, 0);
        }
    }

    /// <summary>The kernel is about to end the process; its socket ends later.</summary>
    private void OnKilled(int processId)
    {
        lock (_gate)
        {
            if (_report.ProcessId != processId || !_alive) return;
            (_ending, _wasSignalled) = (true, _killReason is null || _wasSignalled);
        }

        ReportDeath();
        _signal.Set();
    }
}
