using System.Collections.Concurrent;
using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using static Gemini.Silo.Trainers.TrainerAction;
using static Gemini.Silo.Trainers.TrainerEvent;

namespace Gemini.Silo.Trainers;

/// <summary>
/// One of the host's trainers. Keeps exactly one process of it alive, and knows the state of that process. <see cref="TrainerLife"/> decides what is
/// done when. This class passes events to it and carries out its actions.
/// </summary>
/// <remarks>
/// Events come from the trainer's socket, from grain calls and from the loop. Only the loop starts, watches and kills processes, and it holds no lock
/// meanwhile. So even if one of these operations hangs, reports and the stop of an epoch are answered at once.
/// </remarks>
internal sealed class SupervisedTrainer
{
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(100);

    private readonly int _localIndex;
    private readonly TrainerContext _context;
    private readonly Action _changed;
    private readonly Action<SnapshotId> _capturing;
    private readonly SparePool _spares;
    private readonly TrainerHealth _health;
    private readonly TrainerExecutor _executor;
    private readonly Signal _signal;
    private readonly ConcurrentQueue<LoopAction> _work = new();
    private readonly Lock _gate = new();
    private TrainerLife _life;
    private TrainerConnection? _connection;
    private Task _loop = Task.CompletedTask;

    public SupervisedTrainer(int localIndex, TrainerContext context, Action changed, Action<SnapshotId> capturing)
    {
        (_localIndex, _context, _changed, _capturing) = (localIndex, context, changed, capturing);
        _spares = new SparePool(localIndex, context, changed);
        _health = new TrainerHealth(localIndex, context, changed);
        _executor = new TrainerExecutor(localIndex, context, _spares, _health, processId => On(new Signalled(processId)));
        _signal = new Signal(context.Time);
        var report = new TrainerReport { LocalIndex = localIndex, State = TrainerState.Exited };
        _life = new TrainerLife(context.Options, new TrainerDialogue(context.Options, context.Program, report));
    }

    public TrainerReport Report => Life.Report with { WarmSpares = _spares.WarmCount };

    /// <summary>Whether the trainer loads, trains or has lost a peer, so that its death interrupts an epoch.</summary>
    public bool IsInEpoch => Life.Report.State is TrainerState.Loading or TrainerState.Training or TrainerState.Interrupted;

    /// <summary>The process that is the trainer now; 0 if there is none.</summary>
    public int ProcessId => Life.ProcessId;

    public string? Problem => _health.Problem;

    public string? Warning => _health.Warning;

    private TrainerLife Life
    {
        get { lock (_gate) return _life; }
    }

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Passes on an event: something that happened or is wanted.</summary>
    public void On(TrainerEvent happened) => Observe(() => happened);

    /// <summary>Sends a message if the trainer is connected.</summary>
    public void Send(TrainerMessage message)
    {
        lock (_gate) _connection?.Send(message);
    }

    /// <summary>Stops supervising. The process continues.</summary>
    public async Task DetachAsync()
    {
        On(new Detached());
        _spares.Close();
        await _loop;
    }

    /// <summary>Tells the trainer to exit, kills it if it does not exit within the limit, and starts no other process.</summary>
    public async Task ShutdownAsync(string reason, TimeSpan limit)
    {
        _spares.Close();
        On(new ShutdownAsked(reason));
        if (await CompletesAsync(_loop, limit)) return;
        On(new KillAsked($"it did not exit within {limit.TotalSeconds:0.#} s"));
        await CompletesAsync(_loop, _context.Options.KillLimit);
        await DetachAsync();
    }

    /// <summary>
    /// Ends every epoch before the given one. Returns when no process of this trainer can write a snapshot of those epochs: the process has said so,
    /// or it is gone. If it does not answer within the limit, it is killed. If it then cannot be killed, it writes nothing either: after the kill it
    /// runs no instruction of its own.
    /// </summary>
    public async Task StopEpochAsync(Epoch epoch)
    {
        On(new StopAsked(epoch));
        if (await StopsAsync(epoch, _context.Options.StopLimit)) return;
        On(new KillAsked($"it did not stop within {_context.Options.StopLimit.TotalSeconds:0.#} s"));
        await StopsAsync(epoch, _context.Options.KillLimit);
    }

    /// <summary>Serves one connection of this trainer, from after its hello until it ends.</summary>
    public async Task ServeAsync(
        TrainerHello hello, TrainerConnection connection, IReadOnlyList<TrainerMessage> catchUp, CancellationToken cancellation)
    {
        if (!Attach(hello, connection, catchUp))
        {
            TrainerLog.Refused(_context.Logger, _localIndex, hello.ProcessId);
            return;
        }

        TrainerLog.Connected(_context.Logger, _localIndex, hello.ProcessId, hello.Epoch, hello.Iteration);
        var hasLeft = false;
        try
        {
            while (await connection.ReceiveAsync(cancellation) is { } message) On(new Said(message));
            hasLeft = true;
        }
        catch (InvalidDataException error)
        {
            TrainerLog.BadLine(_context.Logger, _localIndex, error.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The silo stops; the trainer continues.
        }
        finally
        {
            Release(connection, hasLeft);
        }
    }

    /// <summary>Serves the connection of one of this trainer's spares, from after its first line until it ends.</summary>
    public Task ServeAsync(TrainerSpare hello, TrainerConnection connection, CancellationToken cancellation) =>
        _spares.ServeAsync(hello, connection, cancellation);

    private bool Attach(TrainerHello hello, TrainerConnection connection, IReadOnlyList<TrainerMessage> catchUp) => Observe(() =>
    {
        if (!_life.Accepts(hello)) return null;
        _connection?.Close();
        _connection = connection;
        return new Hello(hello, catchUp);
    });

    private void Release(TrainerConnection connection, bool hasLeft) => Observe(() =>
    {
        // This connection was replaced by another one of the process, or the trainer is gone.
        if (_connection != connection) return null;
        _connection = null;
        return new HungUp(hasLeft);
    });

    /// <summary>Passes an event to the life, and carries out the actions.</summary>
    /// <param name="look">Returns the event; called under the lock. Null: nothing has happened.</param>
    /// <returns>Whether there was an event.</returns>
    private bool Observe(Func<TrainerEvent?> look)
    {
        TrainerLife before, after;
        ImmutableArray<TrainerAction> actions;
        lock (_gate)
        {
            before = _life;
            if (look() is not { } happened) return false;
            actions = Step(happened);
            after = _life;
        }

        Finish(before, after, actions);
        return true;
    }

    /// <summary>Called under the lock, so that the trainer is told of events in their order.</summary>
    private ImmutableArray<TrainerAction> Step(TrainerEvent happened)
    {
        (_life, var actions) = _life.On(happened, TrainerTime.Of(_context.Time));
        foreach (var action in actions)
        {
            if (action is Tell told) _connection?.Send(told.Message);
            else if (action is LoopAction work) _work.Enqueue(work);
            if (action is not HangUp) continue;
            _connection?.Close();
            _connection = null;
        }

        return actions;
    }

    /// <summary>Called under no lock, because the callees have locks of their own.</summary>
    private void Finish(TrainerLife before, TrainerLife after, ImmutableArray<TrainerAction> actions)
    {
        if (actions.Length > 0 || before != after) _signal.Set();
        foreach (var action in actions)
        {
            if (action is Offer offer) _capturing(offer.Snapshot);
            else if (action is FillSpares) _spares.Fill();
            else if (action is ClearSpares) _spares.Clear();
            else if (action is NoteHealthy) _health.OnHealthy();
        }

        if (before.Report != after.Report) _changed();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                var next = _signal.Next;
                while (_work.TryDequeue(out var action))
                {
                    if (await _executor.CarryOutAsync(action) is { } result) On(result);
                }

                var life = Life;
                if (life.Phase == TrainerPhase.Over && _work.IsEmpty) return;
                // Known before the look: what ends just after the look ends the wait, too.
                var pending = _executor.Pending;
                On(_executor.Look(life));
                await WaitAsync(next, pending, Life.NextLook(TrainerTime.Of(_context.Time).Now));
            }
            catch (Exception error)
            {
                TrainerLog.LoopFailed(_context.Logger, _localIndex, error);
                _health.SetObstacle($"Trainer {_localIndex} cannot be supervised: {error.Message}");
                On(new Broke());
                await RecoverAsync();
            }
        }
    }

    /// <summary>
    /// Waits for an event, for the end of a start or process, or until the limit. A start or process that has ended already is not waited for.
    /// </summary>
    private async Task WaitAsync(Task next, Task? pending, TimeSpan limit)
    {
        Task first = pending is null ? next : Task.WhenAny(next, pending);
        await first.WaitAsync(limit, _context.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Pauses after an unexpected error. If the host stops, the pause is short.</summary>
    private async Task RecoverAsync()
    {
        var since = _context.Time.GetTimestamp();
        while (true)
        {
            var next = _signal.Next;
            var life = Life;
            var left = (life.IsShuttingDown ? ShortPause : _context.Options.Restart.PauseMax) - _context.Time.GetElapsedTime(since);
            if (left <= TimeSpan.Zero || life.Phase == TrainerPhase.Over) return;
            await next.WaitAsync(left, _context.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns false if the trainer may still write after the limit.</summary>
    private async Task<bool> StopsAsync(Epoch epoch, TimeSpan limit)
    {
        var deadline = TrainerTime.Of(_context.Time).Now + limit;
        while (true)
        {
            var next = _signal.Next;
            if (Life.HasStopped(epoch)) return true;
            var left = deadline - TrainerTime.Of(_context.Time).Now;
            if (left <= TimeSpan.Zero) return false;
            await next.WaitAsync(left, _context.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> CompletesAsync(Task task, TimeSpan limit) =>
        await Task.WhenAny(task, Task.Delay(limit, _context.Time)) == task;
}
