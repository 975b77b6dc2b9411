using Gemini.Grains.Health;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Truths;
using Gemini.Trainer.Client.Checkpointing;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// A training process, by the rules of <c>GeminiSession</c>: joins, loads, iterates in the ring, and saves every iteration into its own
/// machine's slots through the trainer's real <see cref="SlotTable"/>. It outlives its silo.
/// </summary>
internal sealed class TrainerProcess : Process
{
    private const int QuestionMilliseconds = 30;
    private const int HangLimitMilliseconds = 3000;
    private const int LongCaptureMilliseconds = 8000;

    private readonly World _world;
    private readonly Alarm _slotFreed;
    private readonly List<Action<Silo>> _untold = [];
    private Collective? _collective;
    private SlotTable _table = new(2);
    private Shard? _shard;
    private Task _capture = Task.CompletedTask;
    private Action? _question;
    private Epoch _asked;
    private bool _slotWaitSpent;
    private int _life;

    public TrainerProcess(World world, Machine machine, int localIndex, int processId)
        : base(world.Loop, world.Broke)
    {
        (_world, Machine, LocalIndex, ProcessId, IsOdd) = (world, machine, localIndex, processId, machine.Silo is { IsOdd: true });
        _slotFreed = new Alarm(world.Loop, this);
        Launch(async () =>
        {
            await Delay(world.Dice.Between(50, 500));
            if (machine.Handicap == FaultKind.TrainerStart)
            {
                Die(silently: false);
                return;
            }

            await ConnectAsync();
            await RestoreAsync(++_life);
        });
    }

    public Machine Machine { get; }

    public int LocalIndex { get; }

    public int ProcessId { get; }

    /// <summary>Whether it was started with other arguments than the job's. Then it trains something else.</summary>
    public bool IsOdd { get; }

    public string RingEndpoint => $"ring:{ProcessId}";

    /// <summary>The silo it is connected to; null while it is without one.</summary>
    public Silo? Connected { get; private set; }

    public bool SaidHello { get; private set; }

    public bool DiedSilently { get; private set; }

    /// <summary>The cause of its end.</summary>
    public TrainerEnd Ending { get; private set; }

    public bool HasStepped { get; private set; }

    /// <summary>Whether it was given a restore point.</summary>
    public bool HasEntered => _asked > default(Epoch);

    public TrainerState State { get; private set; } = TrainerState.Starting;

    public Rank? Rank { get; private set; }

    public Epoch Epoch { get; private set; }

    public Iteration Iteration { get; private set; }

    public Iteration Captured { get; private set; }

    /// <summary>The newest iteration of its epoch that it knows to be committed.</summary>
    public Iteration Committed => _table.Committed;

    public Rank? LostPeer { get; private set; }

    public long FailedAt { get; private set; }

    /// <summary>Its epoch floor: earlier epochs are over.</summary>
    public Epoch Fence { get; private set; }

    /// <summary>The newest epoch that it was told of.</summary>
    public Epoch ToldEpoch => _asked > Fence ? _asked : Fence;

    /// <summary>Its part of the training state.</summary>
    public ulong Data { get; private set; }

    /// <summary>Its training loop does nothing any more, and the process lives.</summary>
    public bool IsHung { get; set; }

    /// <summary>Whether it waits for other ranks.</summary>
    private bool IsInCollective { get; set; }

    /// <summary>Its answer to the question whether it lives.</summary>
    public ProbeAnswer Answer => !Alive ? ProbeAnswer.Refused : IsInCollective ? ProbeAnswer.WaitingForPeers : ProbeAnswer.Computing;

    /// <summary>Since when a finished iteration waits for a slot; null if none waits.</summary>
    public long? ParkedSince { get; private set; }

    public void Die(bool silently, TrainerEnd ending = TrainerEnd.OwnFault)
    {
        if (!Alive) return;
        (DiedSilently, Ending) = (silently, ending);
        _world.Trace(Machine.Name.Value, () => $"trainer {ProcessId} of rank {Rank} dies");
        End();
        _collective?.Leave(this);
        Machine.Silo?.Trainers.TrainerDied();
    }

    public void Disconnect()
    {
        Connected = null;
        _question?.Invoke();
        if (Alive) Launch(ConnectAsync);
    }

    /// <summary>Whether a capture runs; it writes to its slot.</summary>
    public bool IsCapturing => !_capture.IsCompleted;

    /// <summary>Every epoch before this one is over, as soon as no capture runs any more.</summary>
    public void Stop(Epoch epoch)
    {
        if (epoch > Fence) Fence = epoch;
        if (Epoch < epoch && State is not (TrainerState.Starting or TrainerState.Waiting))
        {
            LeaveEpoch();
            (State, LostPeer) = (TrainerState.Waiting, null);
            // A trainer that hangs does not come back for its restore point, so its host ends it.
            if (IsHung) _world.Loop.Schedule(HangLimitMilliseconds, () => Die(silently: false, TrainerEnd.Hung));
            else Launch(() => RestoreAsync(++_life));
        }
    }

    public void Commit(Epoch epoch, Iteration iteration)
    {
        if (epoch != Epoch) return;
        _table.Commit(iteration);
        NoteFreeSlot();
    }

    public void Abandon(Epoch epoch, Iteration iteration)
    {
        if (epoch != Epoch) return;
        _table.Abandon(iteration);
        NoteFreeSlot();
    }

    /// <summary>A neighbour's connection is closed.</summary>
    public void LosePeer(Rank peer)
    {
        if (State is not (TrainerState.Training or TrainerState.Finished)) return;
        if (State == TrainerState.Finished) return;
        _world.Trace(Machine.Name.Value, () => $"rank {Rank} loses rank {peer}");
        LeaveEpoch();
        (State, LostPeer, FailedAt) = (TrainerState.Interrupted, peer, Machine.Clock);
        Connected?.Trainers.NoteChanged();
    }

    /// <summary>Its index on the host now belongs to another rank.</summary>
    public void RequireRank(Rank? rank)
    {
        if (Rank is { } own && own != rank) Die(silently: false, TrainerEnd.SentAway);
    }

    private async Task ConnectAsync()
    {
        while (Machine.Silo is not { IsUp: true })
            await Delay(_world.Dice.Between(20, 100));
        if (Connected is not null) return;
        if (Machine.Silo.IsOdd != IsOdd && !_world.Has(Defect.OddTrainerAdopted))
        {
            // It was started with other arguments than this silo would use.
            Die(silently: false, TrainerEnd.SentAway);
            return;
        }

        Connected = Machine.Silo;
        SaidHello = true;
        if (Connected.Trainers.Fence > Epoch) Stop(Connected.Trainers.Fence);
        Connected.Trainers.Attach(this);
        foreach (var tell in _untold) tell(Connected);
        _untold.Clear();
    }

    /// <summary>Passes a message to the silo, or to the next silo if there is none now.</summary>
    private void Tell(Action<Silo> tell)
    {
        if (Connected is { Alive: true } silo) tell(silo);
        else _untold.Add(tell);
    }

    private void LeaveEpoch()
    {
        _life++;
        (ParkedSince, IsInCollective) = (null, false);
        _collective?.Leave(this);
        _collective = null;
    }

    private async Task RestoreAsync(int life)
    {
        await _capture;
        if (life != _life) return;
        State = TrainerState.Waiting;
        Connected?.Trainers.NoteChanged();
        while (true)
        {
            var point = await NextRestorePointAsync(life);
            if (point is null) return;
            await Delay(_world.Dice.Between(2, 60));
            if (life != _life) return;
            if (point.Epoch < Fence)
            {
                State = TrainerState.Waiting;
                continue;
            }

            if (!TryLoad(point)) continue;
            await TrainAsync(life);
            return;
        }
    }

    private async Task<RestorePoint?> NextRestorePointAsync(int life)
    {
        while (true)
        {
            if (Connected is { Alive: true } silo)
            {
                var point = Rank is { } rank ? await NextRestorePointAsync(silo, rank) : await JoinAsync(silo);
                if (life != _life) return null;
                if (point is not null)
                {
                    _asked = point.Epoch;
                    State = TrainerState.Loading;
                    Connected?.Trainers.NoteChanged();
                    return point;
                }
            }

            await Delay(QuestionMilliseconds);
            if (life != _life) return null;
        }
    }

    /// <summary>Learns its rank, which never changes. There is no restore point yet.</summary>
    private async Task<RestorePoint?> JoinAsync(Silo silo)
    {
        if (await AskAsync(silo, agent => agent.JoinAsync(LocalIndex)) is not { } membership || Rank is not null) return null;
        Rank = membership.Rank;
        Connected?.Trainers.NoteChanged();
        return null;
    }

    private Task<RestorePoint?> NextRestorePointAsync(Silo silo, Rank rank) =>
        AskAsync(silo, agent => agent.GetRestorePointAsync(rank, new Epoch(Math.Max(_asked.Value, Fence.Value - 1))));

    /// <summary>The answer of the silo's worker agent; null if it has none, or if the connection ends.</summary>
    private async Task<T?> AskAsync<T>(Silo silo, Func<WorkerAgent, Task<T?>> question)
        where T : class
    {
        var answer = new TaskCompletionSource<T?>();
        void Answer(T? value)
        {
            if (Alive) answer.TrySetResult(value);
        }

        _question = () => Answer(null);
        silo.Launch(async () => Answer(await question(silo.Agent)));
        return await answer.Task;
    }

    /// <summary>Checks the copy and loads it, or refuses it.</summary>
    private bool TryLoad(RestorePoint point)
    {
        var rank = Rank!.Value;
        _shard = Machine.Memory.Find(rank);
        if (point.Snapshot is { } snapshot)
        {
            var slot = point.LoadSlot < 0 ? null : _shard?.Slots[point.LoadSlot];
            var isGood = slot is { State: SlotState.Sealed } && slot.Snapshot == snapshot && slot.Hash == point.Hash && slot.IsSound;
            if (!isGood && !(_world.Has(Defect.HashNotChecked) && slot is { State: SlotState.Sealed }))
            {
                State = TrainerState.Waiting;
                if (Connected is { Alive: true } silo) silo.Launch(() => silo.Agent.RejectCopyAsync(rank, point.Epoch, snapshot, "its bytes do not match their hash"));
                return false;
            }

            Data = slot!.Content;
            _world.Truths.Loaded(this, point, slot);
        }
        else
        {
            Data = GoldenRun.Initial(rank);
            _world.Truths.Loaded(this, point, slot: null);
        }

        _table = new SlotTable(2, point.LoadSlot, point.Snapshot?.Iteration ?? default);
        (Epoch, Iteration) = (point.Epoch, point.Snapshot?.Iteration ?? default);
        (Captured, _slotWaitSpent) = (Iteration, false);
        State = TrainerState.Training;
        _collective = _world.CollectiveOf(point.Epoch, point.RingEndpoints);
        _collective.Enter(this);
        var epoch = Epoch;
        Tell(silo => silo.Agent.Loaded(rank, epoch));
        return true;
    }

    private async Task TrainAsync(int life)
    {
        while (Iteration.Value < _world.Options.Total)
        {
            var pace = _world.Options.IterationMilliseconds;
            await Delay(_world.Dice.Between(pace * 3 / 4, pace * 5 / 4));
            await _capture;
            if (life != _life || IsHung) return;
            IsInCollective = true;
            var sum = await _collective!.StepAsync(this);
            IsInCollective = false;
            if (life != _life || sum is null) return;
            (Iteration, Data) = (Iteration.Next(), GoldenRun.Next(Data, sum.Value) ^ (IsOdd ? 1UL : 0));
            _world.Truths.Stepped(this);
            HasStepped = true;
            Connected?.Trainers.OnHealthy(LocalIndex);
            if (!await SaveAsync(life)) return;
        }

        await _capture;
        while (life == _life && _table.Pending == Iteration)
        {
            await Delay(QuestionMilliseconds);
        }

        if (life != _life) return;
        State = TrainerState.Finished;
        Connected?.Trainers.NoteChanged();
    }

    /// <summary>False: the epoch is over.</summary>
    private async Task<bool> SaveAsync(int life)
    {
        var snapshot = new SnapshotId(Iteration, Epoch);
        var index = BeginSave();
        ParkedSince = _world.Now;
        var isLast = Iteration.Value == _world.Options.Total;
        while (index < 0)
        {
            var left = ParkedSince!.Value + (_slotWaitSpent ? 0 : _world.Options.SlotWaitMilliseconds) - _world.Now;
            if (left <= 0 && !isLast && !_world.Has(Defect.EndlessSlotWait)) break;
            await _slotFreed.Wait(left > 0 ? left : 100);
            if (life != _life) return false;
            index = BeginSave();
        }

        ParkedSince = null;
        if (index < 0)
        {
            _slotWaitSpent = true;
            Tell(silo => silo.Agent.Skip(Rank!.Value, snapshot));
            return true;
        }

        _capture = CaptureAsync(index, snapshot, Data);
        return true;
    }

    private int BeginSave()
    {
        var index = _table.Begin(Iteration);
        if (index >= 0 || !_world.Has(Defect.CommittedOverwritten)) return index;
        // The defect: the trainer overwrites the older of two full slots, which holds the committed snapshot.
        var older = _shard!.Slots[0].Snapshot.CompareTo(_shard.Slots[1].Snapshot) < 0 ? 0 : 1;
        _table = new SlotTable(2, 1 - older, _table.Committed);
        return _table.Begin(Iteration);
    }

    private async Task CaptureAsync(int index, SnapshotId snapshot, ulong data)
    {
        var slot = _shard!.Slots[index];
        _world.Truths.Overwrites(Machine, slot, snapshot);
        slot.BeginWrite(snapshot);
        await Delay(_world.Dice.Between(2, 40));
        for (var end = _world.Now + LongCaptureMilliseconds; Machine.CapturesAreLong && _world.Now < end && !IsCancelled(snapshot);) await Delay(20);
        if (Machine.CapturesFail || IsCancelled(snapshot))
        {
            slot.Free();
            _table.Discard(index);
            Tell(silo => silo.Agent.Skip(Rank!.Value, snapshot));
            return;
        }

        slot.Seal(data);
        _table.Seal(index);
        _world.Truths.Sealed(Machine, slot, snapshot.Epoch);
        if (snapshot.Epoch == Epoch) Captured = snapshot.Iteration;
        Tell(silo => silo.Agent.Seal(Rank!.Value, snapshot, new ContentHash(data)));
    }

    /// <summary>Whether a stop cancels the running capture: its snapshot is not needed.</summary>
    private bool IsCancelled(SnapshotId snapshot) => Machine.CapturesAreLong && snapshot.Epoch < Fence && !_world.Has(Defect.StopAwaitsCapture);

    private void NoteFreeSlot()
    {
        if (!_table.HasFreeSlot) return;
        _slotWaitSpent = false;
        _slotFreed.Set();
    }
}
