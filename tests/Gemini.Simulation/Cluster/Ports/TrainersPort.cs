using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster.Ports;

/// <summary>
/// The trainers of one machine, as one silo process supervises them. It starts trainers, restarts dead ones by the product's own <see
/// cref="RestartPolicy"/>, and passes on the worker agent's messages.
/// </summary>
internal sealed class TrainersPort : ITrainers
{
    /// <summary>The product's options with shorter limits: a run is short.</summary>
    private static readonly RestartOptions s_restartOptions = new()
    {
        PauseMin = TimeSpan.FromMilliseconds(500),
        PauseMax = TimeSpan.FromSeconds(5),
        SettleTime = TimeSpan.FromSeconds(5),
    };

    private readonly World _world;
    private readonly Silo _silo;
    private readonly Machine _machine;
    private readonly Alarm _due;
    private readonly HashSet<TrainerProcess> _started = [];
    private readonly List<(Epoch Epoch, Iteration Iteration)> _abandoned = [];
    private readonly long[] _failedAt;
    private readonly int[] _ownFaults;
    private readonly int[] _skippedSaves;
    private readonly RestartPolicy[] _restarts;
    private HostPosition? _position;
    private Epoch? _restsAfter;
    private (Epoch Epoch, Iteration Iteration)? _committed;
    private (Epoch Epoch, Iteration Iteration)? _persisted;

    public TrainersPort(World world, Silo silo)
    {
        (_world, _silo, _machine, _due) = (world, silo, silo.Machine, new Alarm(world.Loop, silo));
        _failedAt = new long[world.Job.RanksPerHost];
        _ownFaults = new int[world.Job.RanksPerHost];
        _skippedSaves = new int[world.Job.RanksPerHost];
        _restarts = [.. _failedAt.Select(_ => new RestartPolicy(s_restartOptions))];
    }

    public event Action? Changed;

    public event Action<Rank, SnapshotId>? Capturing;

    public ImmutableArray<TrainerReport> Reports => [.. Enumerable.Range(0, _machine.Trainers.Length).Select(Report)];

    public string? Problem => Array.Exists(_restarts, restarts => restarts.IsBroken) ? "a trainer fails before its first step" : null;

    public string? Warning => Array.Exists(_restarts, restarts => restarts.IsKilledAgainAndAgain) ? "a trainer is killed before its first step" : null;

    /// <summary>The epoch floor: trainers of earlier epochs must stop.</summary>
    public Epoch EpochFloor { get; private set; }

    /// <summary>The job is finished, and no later epoch has begun.</summary>
    private bool Rests => _restsAfter is { } epoch && EpochFloor <= epoch;

    private IEnumerable<TrainerProcess> Attached => _machine.LiveTrainers.Where(trainer => trainer.Connected == _silo);

    public void SetPosition(HostPosition? position)
    {
        _position = position;
        foreach (var trainer in Attached.ToList())
            trainer.RequireRank(position is { } at ? _world.Job.RankOf(at, trainer.LocalIndex) : null);
    }

    public int ProcessIdOf(Rank rank) => IndexOf(rank) is { } index && _machine.Trainers[index] is { Alive: true } trainer ? trainer.ProcessId : 0;

    public void AdoptEpoch(Epoch epoch)
    {
        RaiseEpochFloor(epoch);
        foreach (var trainer in Attached.Where(trainer => trainer.Epoch < epoch).ToList()) trainer.Stop(epoch);
    }

    public async Task StopEpochAsync(Epoch epoch)
    {
        const int limitMilliseconds = 5000;
        await _silo.HangAsync(FaultKind.HaltHang, CancellationToken.None);
        RaiseEpochFloor(epoch);
        _abandoned.Clear();
        var deadline = _world.Now + limitMilliseconds;
        foreach (var trainer in _machine.LiveTrainers.ToList())
        {
            if (trainer.Connected == _silo) trainer.Stop(epoch);
            // A trainer that was started here and has not said hello is in no epoch.
            if (_started.Contains(trainer) && !trainer.SaidHello) continue;
            while (trainer.Alive && (trainer.Connected != _silo || trainer.EpochFloor < epoch || trainer.IsCapturing))
            {
                if (_world.Now >= deadline)
                {
                    _world.Truths.KilledAtStop(trainer, isConnected: trainer.Connected == _silo);
                    trainer.Die(silently: false, TrainerEnd.Hung);
                }

                await _silo.Delay(10);
            }
        }

        // A newer epoch may have begun meanwhile.
        if (_silo.State.Directive.Version.Epoch != epoch) return;
        if (_world.Has(Defect.ClearedAtHalt)) _machine.Memory.DiscardAll();
        _world.Truths.Halted(_machine, epoch);
    }

    public void Rest(Epoch epoch)
    {
        _restsAfter = epoch;
        foreach (var trainer in Attached.ToList()) SendAway(trainer);
    }

    public void PushCommitted(Epoch epoch, Iteration iteration)
    {
        if (_committed is { } known && known.CompareTo((epoch, iteration)) > 0) return;
        _committed = (epoch, iteration);
        foreach (var trainer in Attached) trainer.Commit(epoch, iteration);
    }

    public void PushAbandoned(Epoch epoch, Iteration iteration)
    {
        _abandoned.Add((epoch, iteration));
        foreach (var trainer in Attached) trainer.Abandon(epoch, iteration);
    }

    public void PushPersisted(Epoch epoch, Iteration iteration)
    {
        _persisted = (epoch, iteration);
        foreach (var trainer in Attached) trainer.Persist(epoch, iteration);
    }

    // Reports are made from the trainer's own state, so there is nothing to mark. But there is something to report.
    public void MarkJoined(Rank rank) => Changed?.Invoke();

    public void MarkDeclared(Rank rank, long payloadBytes) => Changed?.Invoke();

    public void MarkAsking(Rank rank)
    {
    }

    public void MarkLoading(Rank rank, Epoch epoch) => Changed?.Invoke();

    public void MarkLoaded(Rank rank, Epoch epoch, Iteration iteration) => Changed?.Invoke();

    public void MarkCaptured(Rank rank, Iteration iteration) => Changed?.Invoke();

    public void MarkSkipped(Rank rank)
    {
        if (IndexOf(rank) is not { } index) return;
        _skippedSaves[index]++;
        Changed?.Invoke();
    }

    public void EnsureSocket()
    {
    }

    /// <summary>The state of a trainer has changed.</summary>
    public void NoteChanged() => Changed?.Invoke();

    public void TrainerDied() => _due.Set();

    /// <summary>A trainer has connected to this silo.</summary>
    public void Attach(TrainerProcess trainer)
    {
        _silo.Launch(() => SettleAsync(trainer));
        // The trainer may have missed this while it was without a silo.
        if (_committed is { } committed) trainer.Commit(committed.Epoch, committed.Iteration);
        if (_persisted is { } persisted) trainer.Persist(persisted.Epoch, persisted.Iteration);
        foreach (var (epoch, iteration) in _abandoned) trainer.Abandon(epoch, iteration);
        Changed?.Invoke();
        if (Rests) SendAway(trainer);
    }

    /// <summary>The trainer began to capture.</summary>
    public void OnCapturing(int index, SnapshotId snapshot)
    {
        if (snapshot.Epoch >= EpochFloor && _position is { } at) Capturing?.Invoke(_world.Job.RankOf(at, index), snapshot);
    }

    /// <summary>The trainer finished a step, or has come up.</summary>
    public void OnHealthy(int index)
    {
        _restarts[index].OnHealthy();
        _ownFaults[index] = 0;
        Changed?.Invoke();
    }

    public async Task SuperviseAsync()
    {
        for (var index = 0; index < _machine.Trainers.Length; index++)
        {
            if (_machine.Trainers[index] is null) Start(index);
        }

        while (true)
        {
            await _due.Wait(500);
            for (var index = 0; index < _machine.Trainers.Length; index++)
            {
                if (_machine.Trainers[index] is { Alive: true }) continue;
                // The trainer is finished and its job is done: none is started until a later epoch needs it again.
                if (_machine.Trainers[index] is { State: TrainerState.Finished } done && EpochFloor <= done.Epoch) continue;
                if (Rests) continue;
                _failedAt[index] = _machine.Clock;
                Changed?.Invoke();
                await _silo.Delay(_world.Dice.Between(20, 200) + PauseAfter(index));
                if (!Rests) Start(index);
            }
        }
    }

    private void SendAway(TrainerProcess trainer)
    {
        trainer.Die(silently: false, TrainerEnd.Dismissed);
        Changed?.Invoke();
    }

    /// <summary>Which of the host's trainers has this rank; null: none.</summary>
    private int? IndexOf(Rank rank) => _position is { } at && _world.Job.PositionOf(rank) == at ? rank.Value - _world.Job.RankOf(at, 0).Value : null;

    private void RaiseEpochFloor(Epoch epoch)
    {
        if (epoch > EpochFloor) EpochFloor = epoch;
    }

    private int PauseAfter(int index)
    {
        if (_machine.Trainers[index] is not { } dead) return 0;
        var isKill = dead.Ending == TrainerEnd.KilledFromOutside;
        var ending = isKill && _world.Has(Defect.KilledIsBroken) ? TrainerEnd.OwnFault : dead.Ending;
        var pause = (int)_restarts[index].OnEnd(ending, dead.HasStepped).TotalMilliseconds;
        if (dead.Ending is TrainerEnd.OwnFault or TrainerEnd.Hung) _ownFaults[index]++;
        if (_restarts[index].IsBroken && _ownFaults[index] == 0)
            _world.Fail($"a trainer of {_machine.Name} is called broken, and it was only killed from outside");
        return pause;
    }

    /// <summary>A trainer counts as healthy after it has waited for its epoch for some time.</summary>
    private async Task SettleAsync(TrainerProcess trainer)
    {
        await _silo.Delay((int)s_restartOptions.SettleTime.TotalMilliseconds);
        if (!trainer.Alive || trainer.Connected != _silo || trainer.HasEntered) return;
        OnHealthy(trainer.LocalIndex);
    }

    private void Start(int index)
    {
        var trainer = _world.NewTrainer(_machine, index);
        _machine.Trainers[index] = trainer;
        _started.Add(trainer);
        Changed?.Invoke();
    }

    private TrainerReport Report(int index)
    {
        if (_machine.Trainers[index] is not { } trainer) return new TrainerReport { LocalIndex = index, State = TrainerState.Exited };
        var report = new TrainerReport
        {
            LocalIndex = index,
            State = TrainerState.Exited,
            ProcessId = trainer.ProcessId,
            FailedAtUnixMilliseconds = _failedAt[index],
            SkippedSaves = _skippedSaves[index],
            TotalIterations = trainer.SaidHello ? trainer.Total : 0,
        };
        if (!trainer.Alive && trainer.State != TrainerState.Finished) return report;
        if (!trainer.Alive) return report with { State = TrainerState.Finished, Epoch = trainer.Epoch, Iteration = trainer.Iteration };
        if (trainer.Connected != _silo) return report with { State = _started.Contains(trainer) ? TrainerState.Starting : TrainerState.Awaited };
        return report with
        {
            State = trainer.State,
            Epoch = trainer.Epoch,
            Iteration = trainer.Iteration,
            Captured = trainer.Captured,
            Committed = trainer.Committed,
            IterationMilliseconds = _world.Options.IterationMilliseconds,
            RingEndpoint = trainer.RingEndpoint,
            ShardBytes = trainer.Rank is { } rank ? Slot.BytesOf(rank) : 0,
            LostPeer = trainer.LostPeer,
            FailedAtUnixMilliseconds = trainer.State == TrainerState.Interrupted ? trainer.FailedAt : _failedAt[index],
            Liveness = trainer.RingEndpoint,
            EpochFloor = trainer.ToldEpoch,
            PauseReason = trainer.Pause.Reason,
            PauseLimitMilliseconds = trainer.Pause.LimitMilliseconds,
            PauseNumber = trainer.PauseNumber,
        };
    }
}
