using Gemini.Grains.Health;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;
using Gemini.Simulation.Truths;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// A training process, by the rules of <c>GeminiSession</c>: what it is and what it is told. <see cref="TrainingLoop"/> joins, loads and iterates, <see
/// cref="ShardSaves"/> saves every iteration into the machine's own slots. It outlives its silo (<see cref="SiloLine"/>).
/// </summary>
internal sealed class TrainerProcess : Process
{
    private const int HangLimitMilliseconds = 3000;

    private readonly World _world;
    private readonly SiloLine _line;
    private readonly ShardSaves _saves;
    private TrainingLoop? _loop;
    private TaskCompletionSource? _held;
    private Epoch _asked;

    public TrainerProcess(World world, Machine machine, int localIndex, int processId)
        : base(world.Loop, world.Broke)
    {
        (_world, Machine, LocalIndex, ProcessId, Total) = (world, machine, localIndex, processId, world.Total);
        IsOdd = machine.Silo is { IsOdd: true };
        _line = new SiloLine(world, this);
        _saves = new ShardSaves(world, this, _line);
        Launch(async () =>
        {
            await Delay(world.Dice.Between(50, 500));
            if (machine.Handicap == FaultKind.TrainerStart)
            {
                Die(silently: false);
                return;
            }

            while (machine.TrainersHang) await Delay(TrainingLoop.QuestionMilliseconds);
            await _line.ConnectAsync();
            await BeginLoop().RunAsync();
        });
    }

    public Machine Machine { get; }

    public int LocalIndex { get; }

    public int ProcessId { get; }

    /// <summary>Iterations that it means to run.</summary>
    public int Total { get; }

    /// <summary>Whether it was started with other arguments than the job's. Then it trains something else.</summary>
    public bool IsOdd { get; }

    public string RingEndpoint => $"ring:{ProcessId}";

    /// <summary>The silo it is connected to; null while it is without one.</summary>
    public Silo? Connected => _line.Silo;

    public bool SaidHello => _line.SaidHello;

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

    public Iteration Captured => _saves.Captured;

    /// <summary>The newest iteration of its epoch that it knows to be committed.</summary>
    public Iteration Committed => _saves.Committed;

    /// <summary>The newest iteration of its epoch that it knows to be in persistent storage. Nothing in a run waits for that.</summary>
    public Iteration Persisted => _saves.Persisted;

    public Rank? LostPeer { get; private set; }

    public long FailedAt { get; private set; }

    /// <summary>Its epoch floor: earlier epochs are over.</summary>
    public Epoch EpochFloor { get; private set; }

    /// <summary>The newest epoch that it was told of.</summary>
    public Epoch ToldEpoch => _asked > EpochFloor ? _asked : EpochFloor;

    /// <summary>It asks for a restore point of a later epoch than this one.</summary>
    public Epoch NeedsEpochAfter => new(Math.Max(_asked.Value, EpochFloor.Value - 1));

    /// <summary>Its part of the training state.</summary>
    public ulong Data { get; private set; }

    /// <summary>Its training loop does nothing any more, and the process lives.</summary>
    public bool IsHung { get; set; }

    /// <summary>It is stopped or cut off: it does not even answer the question whether it lives.</summary>
    public bool IsFrozen { get; set; }

    /// <summary>Completes when nobody holds it.</summary>
    public Task Released => _held?.Task ?? Task.CompletedTask;

    /// <summary>The announced pause between two iterations, and its limit.</summary>
    public (string Reason, long LimitMilliseconds) Pause { get; private set; } = ("", 0);

    /// <summary>How often it has announced the begin or the end of a pause.</summary>
    public long PauseNumber { get; private set; }

    /// <summary>Its answer to the question whether it lives.</summary>
    public ProbeAnswer Answer => !Alive ? ProbeAnswer.Refused : _loop is { IsInCollective: true } ? ProbeAnswer.WaitingForPeers : ProbeAnswer.Computing;

    /// <summary>Since when a finished iteration waits for a slot; null if none waits.</summary>
    public long? ParkedSince => _saves.ParkedSince;

    public void Die(bool silently, TrainerEnd ending = TrainerEnd.OwnFault)
    {
        if (!Alive) return;
        (DiedSilently, Ending) = (silently, ending);
        _world.Trace(Machine.Name.Value, () => $"trainer {ProcessId} of rank {Rank} dies");
        End();
        _loop?.LeaveRing();
        Machine.Silo?.Trainers.TrainerDied();
    }

    /// <summary>It hangs, as long as it is not released.</summary>
    public void Hold()
    {
        IsHung = true;
        _held ??= new TaskCompletionSource();
    }

    /// <summary>It goes on.</summary>
    public void Release()
    {
        IsHung = false;
        if (Alive) _held?.SetResult();
        _held = null;
    }

    /// <summary>It announces a pause, and makes no step from now on.</summary>
    public void BeginPause(string reason, long limitMilliseconds)
    {
        Hold();
        Announce((reason, limitMilliseconds));
    }

    /// <summary>It announces the end of the pause, and goes on.</summary>
    public void EndPause()
    {
        Announce(("", 0));
        Release();
    }

    private void Announce((string Reason, long LimitMilliseconds) pause)
    {
        (Pause, PauseNumber) = (pause, PauseNumber + 1);
        Connected?.Trainers.NoteChanged();
    }

    /// <summary>Its silo is dead.</summary>
    public void Disconnect() => _line.Break();

    /// <summary>Whether a capture runs; it writes to its slot.</summary>
    public bool IsCapturing => !_saves.Capture.IsCompleted;

    /// <summary>Every epoch before this one is over, as soon as no capture runs any more.</summary>
    public void Stop(Epoch epoch)
    {
        if (epoch > EpochFloor) EpochFloor = epoch;
        if (Epoch < epoch && State is not (TrainerState.Starting or TrainerState.Waiting))
        {
            _loop?.End();
            (State, LostPeer) = (TrainerState.Waiting, null);
            // A trainer that hangs does not come back for its restore point, so its host ends it.
            if (IsHung) _world.Loop.Schedule(HangLimitMilliseconds, () => Die(silently: false, TrainerEnd.Hung));
            else Launch(BeginLoop().RunAsync);
        }
    }

    public void Commit(Epoch epoch, Iteration iteration)
    {
        if (epoch == Epoch) _saves.Commit(iteration);
    }

    public void Abandon(Epoch epoch, Iteration iteration)
    {
        if (epoch == Epoch) _saves.Abandon(iteration);
    }

    public void Persist(Epoch epoch, Iteration iteration)
    {
        if (epoch == Epoch) _saves.Persist(iteration);
    }

    /// <summary>A neighbour's connection is closed.</summary>
    public void LosePeer(Rank peer)
    {
        if (State != TrainerState.Training) return;
        _world.Trace(Machine.Name.Value, () => $"rank {Rank} loses rank {peer}");
        _loop?.End();
        (State, LostPeer, FailedAt) = (TrainerState.Interrupted, peer, Machine.Clock);
        Connected?.Trainers.NoteChanged();
    }

    /// <summary>Its index on the host now belongs to another rank.</summary>
    public void RequireRank(Rank? rank)
    {
        if (Rank is { } own && own != rank) Die(silently: false, TrainerEnd.Dismissed);
    }

    public void LearnRank(Rank rank)
    {
        Rank = rank;
        Connected?.Trainers.NoteChanged();
    }

    /// <summary>It was given the restore point of this epoch.</summary>
    public void Take(Epoch epoch)
    {
        _asked = epoch;
        State = TrainerState.Loading;
        Connected?.Trainers.NoteChanged();
    }

    /// <summary>It waits for a restore point.</summary>
    public void Wait() => State = TrainerState.Waiting;

    /// <summary>It has this state of its shard, and trains on from there.</summary>
    public void Enter(RestorePoint point, Shard? shard, ulong data)
    {
        (Epoch, Iteration, Data) = (point.Epoch, point.Snapshot?.Iteration ?? default, data);
        _saves.Begin(shard, point.LoadSlot, Iteration);
        State = TrainerState.Training;
    }

    /// <summary>It has finished an iteration, in which this was the sum over all ranks.</summary>
    public void Step(ulong sum)
    {
        (Iteration, Data) = (Iteration.Next(), GoldenRun.Next(Data, sum) ^ (IsOdd ? 1UL : 0));
        _world.Truths.Stepped(this);
        HasStepped = true;
        Connected?.Trainers.OnHealthy(LocalIndex);
    }

    public void Finish()
    {
        State = TrainerState.Finished;
        Connected?.Trainers.NoteChanged();
    }

    private TrainingLoop BeginLoop() => _loop = new TrainingLoop(_world, this, _line, _saves);
}
