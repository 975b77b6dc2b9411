using Gemini.Grains.Hosts;
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
/// <para>
/// The loop alone starts and kills processes, and holds no lock while it does: whoever wants the process killed asks the loop.
/// So whatever hangs, the reports and the stop of an epoch are answered at once.
/// </para>
/// </remarks>
internal sealed partial class SupervisedTrainer(int localIndex, TrainerHost host, Action changed, Action<SnapshotId, int> capturing)
{
    private const string JobIsFinished = "the job is finished";

    private static readonly TimeSpan GonePollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockPollInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    private readonly TrainerLockFile _lockFile = new(host.Paths.TrainerLock(localIndex));
    private readonly SparePool _spares = new(localIndex, host, changed);
    private readonly Signal _signal = new(host.Time);
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
    private bool _stepped;
    private bool _finished;
    private bool _shuttingDown;
    private bool _isKilled;
    private string? _killReason;
    private Epoch? _restsAfter;
    private Epoch _fence;
    private Epoch _stopped;
    private Rank? _rank;

    public TrainerReport Report
    {
        get { lock (_gate) return _report with { WarmSpares = _spares.WarmCount }; }
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
        bool isOnItsWay;
        lock (_gate)
        {
            _shuttingDown = true;
            _connection?.Send(new SiloExit(reason));
            // One that has finished, or whose connection has ended, leaves by itself.
            isOnItsWay = _connection is not null || _finished || _ending;
        }

        if (!isOnItsWay) RequestKill("the host stops, and it has no connection on which it could be told so");
        _signal.Set();
        if (await CompletesAsync(_loop, limit)) return;
        RequestKill($"it did not exit within {limit.TotalSeconds:0.#} s");
        await CompletesAsync(_loop, host.Options.KillLimit);
        await DetachAsync();
    }

    /// <summary>The job was finished in this epoch: no process is needed until a later one begins.</summary>
    public void Rest(Epoch epoch)
    {
        _spares.Clear();
        lock (_gate)
        {
            _restsAfter = epoch;
            if (!_finished) _connection?.Send(new SiloExit(JobIsFinished));
        }
    }

    private async Task RunAsync()
    {
        while (!Done)
        {
            try
            {
                if (!await BeginLifeAsync()) continue;
                do await LiveAsync();
                while (!await IsGoneAsync());
                await AfterDeathAsync();
            }
            catch (Exception error)
            {
                LogLoopFailed(host.Logger, localIndex, error);
                SetObstacle($"Trainer {localIndex} cannot be supervised: {error.Message}");
                await PauseAsync(host.Options.Restart.PauseMax);
            }
        }
    }

    private bool Done
    {
        get { lock (_gate) return _shuttingDown || _detached.Task.IsCompleted; }
    }

    private bool RestsUnderLock => _restsAfter is { } epoch && _fence <= epoch;

    /// <summary>Returns when the process is dead or about to be.</summary>
    private async Task LiveAsync()
    {
        while (true)
        {
            var next = _signal.Next;
            bool isConnected, isExpected, isSettling;
            lock (_gate)
            {
                if (_ending || _process is { Exited.IsCompleted: true }) break;
                isConnected = _connection is not null;
                (isExpected, isSettling) = (_returnDeadline != 0, IsSettlingUnderLock());
                _killReason ??= HangUnderLock(isConnected);
            }

            if (_killReason is not null)
            {
                Kill();
                break;
            }

            if (!isConnected && _process is null && !_lockFile.IsHeld()) break;
            NoteSettled();
            var poll = isConnected && !isExpected && !isSettling ? _detached.Task : Task.Delay(LockPollInterval, host.Time);
            await Task.WhenAny(next, _process?.Exited ?? next, _detached.Task, poll);
            if (_detached.Task.IsCompleted) return;
        }

        ReportDeath();
    }

    /// <summary>Waits until the process is gone, and kills it when it lingers. False: it has reconnected and lives.</summary>
    private async Task<bool> IsGoneAsync()
    {
        var deadline = DeadlineIn(_isKilled ? host.Options.KillLimit : host.Options.ExitGrace);
        while (_process is { Exited.IsCompleted: false } || _lockFile.IsHeld())
        {
            // A detached supervisor looks after nobody, however well the process lives.
            if (_detached.Task.IsCompleted) return true;
            bool isAsked;
            lock (_gate)
            {
                if (_connection is not null && !_ending && _process is not { Exited.IsCompleted: true }) return false;
                isAsked = _killReason is not null;
            }

            var isLate = host.Time.GetTimestamp() > deadline;
            if (isLate || (isAsked && !_isKilled))
            {
                if (isLate && _isKilled) SetObstacle(CannotBeKilled());
                RequestKill("it did not exit after its connection ended");
                Kill();
                deadline = DeadlineIn(host.Options.KillLimit);
            }

            await Task.WhenAny(_detached.Task, Task.Delay(GonePollInterval, host.Time));
            if (_detached.Task.IsCompleted) return true;
        }

        await DrainAsync();
        SetObstacle(null);
        lock (_gate) _alive = false;
        _signal.Set();
        return true;
    }

    private string CannotBeKilled() =>
        $"Trainer {localIndex} (process {Report.ProcessId}) cannot be killed: it waits in the kernel, as for a device or a file system " +
        $"that does not answer. Nothing is started in its place while it lives. Repair the device, or restart the machine.";

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

    /// <summary>Finished, it or the whole job: nothing is started until a later epoch needs this trainer once more.</summary>
    private async Task RestAsync()
    {
        while (!Done)
        {
            var next = _signal.Next;
            lock (_gate)
            {
                if (!RestsUnderLock && _fence > _report.Epoch) return;
            }

            await Task.WhenAny(next, _detached.Task);
        }
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

    /// <summary>Has the loop kill the process. The first reason of a life counts.</summary>
    private void RequestKill(string reason)
    {
        lock (_gate) _killReason ??= reason;
        _signal.Set();
    }

    /// <summary>Called by the loop alone, under no lock: the operating system may take its time.</summary>
    private void Kill()
    {
        lock (_gate) _ending = true;
        if (!_isKilled) LogKilled(host.Logger, localIndex, _killReason ?? "");
        _isKilled = true;
        _process?.Kill();

        // Whatever command started it, the trainer itself is the process that holds the lock.
        _lockFile.KillHolder();
        _signal.Set();
    }

    private long DeadlineIn(TimeSpan limit) => host.Time.GetTimestamp() + (long)(limit.TotalSeconds * host.Time.TimestampFrequency);

    private async Task<bool> CompletesAsync(Task task, TimeSpan limit) =>
        await Task.WhenAny(task, Task.Delay(limit, host.Time)) == task;
}
