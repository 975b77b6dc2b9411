using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;

namespace Gemini.Silo.Trainers;

/// <summary>
/// One of the host's trainers: keeps exactly one process of it alive, and knows where that process stands.
/// </summary>
/// <remarks>
/// <para>
/// A loop owns the process: adopt or start → live → make sure it is gone → start again. A process is adopted when its lock
/// is held although this silo did not start it: it is a trainer of an earlier silo, which tries to reconnect. It is dead
/// when its connection ends or its process exits, whichever is seen first; that is reported at once. It is gone when the
/// process has exited and its lock is free; only then the next one is started.
/// </para>
/// <para>
/// A crash of the silo at any point leaves the trainer running and its lock held, and the next silo begins with adoption.
/// Invariant: no process is started while the lock is held.
/// </para>
/// </remarks>
internal sealed partial class SupervisedTrainer(int localIndex, TrainerHost host, Action changed, Action<SnapshotId, int> capturing)
{
    private static readonly TimeSpan GonePollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockPollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly TrainerLockFile _lockFile = new(host.Paths.TrainerLock(localIndex));
    private readonly RestartPolicy _policy = new(host.Options);
    private readonly SparePool _spares = new(localIndex, host, changed);
    private readonly ChangeSignal _signal = new();
    private readonly TaskCompletionSource _detached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    private TrainerReport _report = new() { LocalIndex = localIndex, State = TrainerState.Exited };
    private TrainerProcess? _process;
    private TrainerConnection? _connection;
    private Task _loop = Task.CompletedTask;
    private long _helloDeadline;
    private bool _alive;
    private bool _adopted;
    private bool _saidHello;
    private bool _ending;
    private bool _killed;
    private bool _stepped;
    private bool _finished;
    private bool _shuttingDown;
    private string? _problem;
    private Epoch _fence;
    private Epoch _stopped;
    private Rank? _rank;

    public TrainerReport Report
    {
        get { lock (_gate) return _report with { WarmSpares = _spares.WarmCount }; }
    }

    /// <summary>Why the trainer does not come up, naming the fix; null when nothing is wrong.</summary>
    public string? Problem
    {
        get { lock (_gate) return _problem; }
    }

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Stops supervising and leaves the process alone.</summary>
    public async Task DetachAsync()
    {
        _detached.TrySetResult();
        _spares.Close();
        await _loop;
    }

    /// <summary>Tells the trainer to exit, kills it when it does not within the limit, and starts no other.</summary>
    public async Task ShutdownAsync(string reason, TimeSpan limit)
    {
        _spares.Close();
        lock (_gate)
        {
            _shuttingDown = true;
            // One that has finished, or whose connection has ended, is on its way out already.
            if (_connection is not null) _connection.Send(new SiloExit(reason));
            else if (!_finished && !_ending) KillUnderLock();
        }

        _signal.Raise();
        if (await CompletesAsync(_loop, limit)) return;
        LogKilled(host.Logger, localIndex, $"it did not exit within {limit.TotalSeconds:0.#} s");
        lock (_gate) KillUnderLock();
        await CompletesAsync(_loop, KillLimit);
        await DetachAsync();
    }

    private async Task RunAsync()
    {
        while (!Done)
        {
            try
            {
                BeginLife();
                do await LiveAsync();
                while (!await IsGoneAsync());
                await AfterDeathAsync();
            }
            catch (Exception error)
            {
                LogLoopFailed(host.Logger, localIndex, error);
                SetProblem($"Trainer {localIndex} cannot be started: {error.Message}");
                await PauseAsync(host.Options.QuickDeathPause);
            }
        }
    }

    private bool Done
    {
        get { lock (_gate) return _shuttingDown || _detached.Task.IsCompleted; }
    }

    private void BeginLife()
    {
        var adopted = _lockFile.IsHeld();
        lock (_gate)
        {
            (_alive, _adopted, _saidHello, _stopped) = (true, adopted, _connection is not null, default);
            (_ending, _killed, _stepped, _finished) = (false, false, false, false);
            BeginLifeOfLoopUnderLock();
            if (_connection is null) _rank = null;
            _process?.Dispose();
            var spare = adopted ? null : _spares.Take();
            _process = adopted ? null : spare ?? TrainerProcess.Start(host, localIndex);
            if (_process is { } started) WatchForDeathUnderLock(started.Id);
            _helloDeadline = DeadlineIn(adopted || spare is not null ? host.Options.AdoptionLimit : host.Options.StartLimit);
            if (_connection is null)
            {
                _report = new TrainerReport
                {
                    LocalIndex = localIndex,
                    State = adopted ? TrainerState.Awaited : TrainerState.Starting,
                    ProcessId = _process?.Id ?? _lockFile.HolderProcessId(),
                    FailedAtUnixMilliseconds = _report.FailedAtUnixMilliseconds,
                    SkippedSaves = _report.SkippedSaves,
                };
            }
        }

        if (adopted) LogAwaited(host.Logger, localIndex, Report.ProcessId);
        else LogStarted(host.Logger, localIndex, Report.ProcessId);
        changed();
    }

    /// <summary>Returns when the process is dead or about to be.</summary>
    private async Task LiveAsync()
    {
        while (true)
        {
            var next = _signal.Next;
            bool isConnected, isHung, isExpected;
            lock (_gate)
            {
                if (_ending || _process is { Exited.IsCompleted: true }) break;
                isConnected = _connection is not null;
                (isHung, isExpected) = (HasNotReturnedUnderLock(), _returnDeadline != 0);
            }

            if (!isConnected && _process is null && !_lockFile.IsHeld()) break;
            if (!isConnected && host.Time.GetTimestamp() > _helloDeadline)
            {
                LogKilled(host.Logger, localIndex, "it said no hello in time");
                lock (_gate) KillUnderLock();
                break;
            }

            if (isHung)
            {
                LogKilled(host.Logger, localIndex, $"it stopped, but its training loop did not come back within {_returnLimit.TotalSeconds:0.#} s");
                lock (_gate) KillUnderLock();
                break;
            }

            var poll = isConnected && !isExpected ? _detached.Task : Task.Delay(LockPollInterval, host.Time);
            await Task.WhenAny(next, _process?.Exited ?? next, _detached.Task, poll);
            if (_detached.Task.IsCompleted) return;
        }

        ReportDeath();
    }

    /// <summary>Waits until the process is gone, and kills it when it lingers. False: it has reconnected and lives.</summary>
    private async Task<bool> IsGoneAsync()
    {
        var deadline = DeadlineIn(host.Options.ExitGrace);
        for (var kills = 0; _process is { Exited.IsCompleted: false } || _lockFile.IsHeld();)
        {
            // A detached supervisor looks after nobody, however well the process lives.
            if (_detached.Task.IsCompleted) return true;
            lock (_gate)
            {
                if (_connection is not null && !_ending && _process is not { Exited.IsCompleted: true }) return false;
            }

            if (host.Time.GetTimestamp() > deadline)
            {
                LogKilled(host.Logger, localIndex, "it did not exit after its connection ended");
                lock (_gate) KillUnderLock();
                if (++kills > 1) SetProblem($"Trainer {localIndex} (process {Report.ProcessId}) cannot be killed; it still holds {_lockFile.Path}.");
                deadline = DeadlineIn(KillLimit);
            }

            await Task.WhenAny(_detached.Task, Task.Delay(GonePollInterval, host.Time));
            if (_detached.Task.IsCompleted) return true;
        }

        await DrainAsync();
        lock (_gate) _alive = false;
        _signal.Raise();
        return true;
    }

    /// <summary>Lets what the process said before it exited be read: its last line may be that it finished.</summary>
    private async Task DrainAsync()
    {
        var deadline = DeadlineIn(DrainLimit);
        while (true)
        {
            var next = _signal.Next;
            lock (_gate)
            {
                if (_connection is null) return;
                if (host.Time.GetTimestamp() > deadline)
                {
                    _connection.Close();
                    _connection = null;
                    return;
                }
            }

            await Task.WhenAny(next, _detached.Task, Task.Delay(GonePollInterval, host.Time));
            if (_detached.Task.IsCompleted) return;
        }
    }

    private async Task AfterDeathAsync()
    {
        StopWatchingForDeath();
        if (_detached.Task.IsCompleted) return;
        var exitCode = _process?.ExitCode;
        bool completed;
        lock (_gate) completed = _finished && (_killed || exitCode is null or 0);
        if (!completed) Update(report => report with { State = TrainerState.Exited });
        LogExited(host.Logger, localIndex, exitCode?.ToString() ?? "unknown", Report.State);
        if (completed)
        {
            await RestAsync();
            return;
        }

        TimeSpan pause;
        bool isProblem;
        lock (_gate) (pause, isProblem) = _policy.OnDeath(host.Time.GetElapsedTime(0), _stepped || _killed);
        if (isProblem) SetProblem(Explain(exitCode));
        await PauseAsync(pause);
    }

    /// <summary>Finished: nothing is started until a later epoch needs this trainer once more.</summary>
    private async Task RestAsync()
    {
        while (!Done)
        {
            var next = _signal.Next;
            lock (_gate)
            {
                if (_fence > _report.Epoch) return;
            }

            await Task.WhenAny(next, _detached.Task);
        }
    }

    private string Explain(int? exitCode)
    {
        var line = _process?.LastErrorLine() is { Length: > 0 } last ? $": {last}" : "";
        var code = exitCode?.ToString() ?? "unknown";
        return $"Trainer {localIndex} died {_policy.QuickDeathCount} times before its first step, the last time with exit code {code}{line}. "
            + $"See {_process?.ErrorLog ?? host.Options.LogDirectory}; it is started again every {host.Options.QuickDeathPause.TotalSeconds:0.#} s.";
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        if (pause == TimeSpan.Zero) return;
        var deadline = DeadlineIn(pause);
        while (!Done && host.Time.GetTimestamp() < deadline)
        {
            var next = _signal.Next;
            if (Done) return;
            await Task.WhenAny(next, _detached.Task, Task.Delay(LockPollInterval, host.Time));
        }
    }

    private void KillUnderLock()
    {
        _killed = true;
        _ending = true;
        _process?.Kill();

        // Its own process is what it says in the lock file, whatever command started it; the file is only believed while it is locked.
        if (_alive && _lockFile.IsHeld()) TrainerLockFile.Kill(_lockFile.HolderProcessId());
        _signal.Raise();
    }

    private long DeadlineIn(TimeSpan limit) => host.Time.GetTimestamp() + (long)(limit.TotalSeconds * host.Time.TimestampFrequency);

    private async Task<bool> CompletesAsync(Task task, TimeSpan limit) =>
        await Task.WhenAny(task, Task.Delay(limit, host.Time)) == task;
}
