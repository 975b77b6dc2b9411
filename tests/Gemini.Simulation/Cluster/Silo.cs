using System.Collections.Immutable;
using Gemini.Grains.Hosts;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Silo.Trainers;
using Gemini.Simulation.Engine;
using Gemini.Simulation.Faults;

namespace Gemini.Simulation.Cluster;

/// <summary>
/// One silo process: the real <see cref="HostState"/> and, around it, what <c>HostAgent</c> and its loops do. It joins the cluster, reports,
/// announces, carries out directives and supervises trainers until it dies.
/// </summary>
internal sealed partial class Silo : Process
{
    private readonly World _world;
    private readonly Alarm _reportDue;
    private readonly Alarm _announceDue;
    private readonly Alarm _trainersDue;
    private readonly SiloRunner _runner;
    private readonly SiloStorage _storage;
    private readonly SiloGuests _guests;
    private readonly HashSet<SnapshotId> _skipped = [];
    private readonly HashSet<TrainerProcess> _started = [];
    private readonly long[] _failedAt;
    private readonly int[] _ownFaults;
    private long _sequence;
    private readonly RestartPolicy[] _restarts;
    private long _viewVersion;
    private Iteration _abandonedByDirective;
    private Epoch _toldEpoch;
    private ImmutableArray<Replica> _told = [];

    public Silo(World world, Machine machine, long incarnation)
        : base(world.Loop, world.Broke)
    {
        (_world, Machine, Incarnation, IsOdd) = (world, machine, incarnation, machine.IsOdd);
        (_reportDue, _announceDue, _trainersDue) = (new Alarm(world.Loop, this), new Alarm(world.Loop, this), new Alarm(world.Loop, this));
        _failedAt = new long[world.Job.RanksPerHost];
        _ownFaults = new int[world.Job.RanksPerHost];
        _restarts = [.. _failedAt.Select(_ => new RestartPolicy(s_restartOptions))];
        Senders = new ReplicaSenders(world, this);
        _runner = new SiloRunner(world, this);
        _storage = new SiloStorage(world, this);
        _guests = new SiloGuests(world, this, _runner);
        State.Changed += _reportDue.Set;
        Launch(StartAsync);
    }

    public Machine Machine { get; }

    public HostName Host => Machine.Name;

    public long Incarnation { get; }

    /// <summary>It was started with another configuration than the job's.</summary>
    public bool IsOdd { get; }

    /// <summary>The job as this silo is configured.</summary>
    public JobSpec Job => IsOdd ? _world.OddJob : _world.Job;

    public HostState State { get; } = new();

    public ReplicaSenders Senders { get; }

    public SiloStorage Storage => _storage;

    /// <summary>It has joined the cluster, and serves.</summary>
    public bool IsUp { get; private set; }

    public bool IsMember => IsUp && Alive;

    /// <summary>Which silo processes it holds for alive and dead.</summary>
    public ImmutableArray<MemberView> View { get; private set; } = [];

    /// <summary>Where it found grains.</summary>
    public Dictionary<string, Activation> Known { get; } = [];

    /// <summary>Trainers of earlier epochs are to stop.</summary>
    public Epoch TrainerFence { get; private set; }

    public bool HoldsDead(Silo silo) => View.Any(member => member.Dead && member.Host == silo.Host && member.Incarnation == silo.Incarnation);

    public void Changed() => _reportDue.Set();

    public void TrainerDied() => _trainersDue.Set();

    /// <summary>A newer state of the membership.</summary>
    public void See(ImmutableArray<MemberView> table, long version)
    {
        if (!IsMember || version <= _viewVersion) return;
        (View, _viewVersion) = (table, version);
        _reportDue.Set();
        if (!HoldsDead(this)) return;
        _world.Statistics.Suicide();
        Machine.KillSilo("it was declared dead");
        _world.RestartLater(Machine);
    }

    public HostReport Direct(HostDirective directive)
    {
        Take(directive);
        return Report();
    }

    public void Commit(Epoch epoch, Iteration iteration)
    {
        if (!State.Commit(epoch, iteration)) return;
        foreach (var trainer in Attached()) trainer.Commit(epoch, iteration);
    }

    public void Abandon(Epoch epoch, Iteration iteration)
    {
        if (!State.MayBeAbandoned(epoch, iteration)) return;
        Senders.Withdraw(new SnapshotId(iteration, epoch));
        foreach (var trainer in Attached()) trainer.Abandon(epoch, iteration);
    }

    public void Seal(Rank rank, SnapshotId snapshot)
    {
        if (snapshot.Epoch != State.Directive.Version.Epoch) return;
        Senders.Offer(rank, snapshot);
        _announceDue.Set();
        _reportDue.Set();
    }

    public void Skip(SnapshotId snapshot)
    {
        if (snapshot.Epoch != State.Directive.Version.Epoch) return;
        _skipped.Add(snapshot);
        _announceDue.Set();
    }

    /// <summary>A copy from a peer is sealed.</summary>
    public void Received() => _announceDue.Set();

    public Rank? Join(TrainerProcess trainer) =>
        State.Directive.Position is { } position ? _world.Job.RankOf(position, trainer.LocalIndex) : null;

    public RestorePoint? HandRestorePoint(TrainerProcess trainer, Epoch after)
    {
        if (State.HandRestorePoint(trainer.Rank!.Value, after, trainer.ProcessId) is not { } point) return null;
        State.MarkLoading(trainer.Rank!.Value, point.Epoch);
        _runner.Wake();
        return point;
    }

    public void RejectCopy(Rank rank, Epoch epoch, SnapshotId snapshot)
    {
        _world.Trace(Host.Value, () => $"rank {rank} refuses its copy of {snapshot}");
        var isFromStorage = State.Directive is { } directive && directive.Restore == snapshot
            && directive.Own.Any(shard => shard.Owner == rank && shard.InStorage && Machine.Memory.Verify(rank, snapshot, shard.Hash!.Value));
        Machine.Memory.Quarantine(rank, snapshot);
        if (isFromStorage) _storage.Refuse(snapshot);
        State.MarkNeedsNewPlan(epoch, $"rank {rank} refused its copy of snapshot {snapshot}");
    }

    public void RequireRanks(HostPosition? position)
    {
        foreach (var trainer in Attached().ToList())
            trainer.RequireRank(position is { } at ? _world.Job.RankOf(at, trainer.LocalIndex) : null);
    }

    public void Adopt(Epoch epoch)
    {
        if (epoch > TrainerFence) TrainerFence = epoch;
        foreach (var trainer in Attached().Where(trainer => trainer.Epoch < epoch)) trainer.Stop(epoch);
    }

    /// <summary>Ends when no process of this machine can write a snapshot of an epoch before this one any more.</summary>
    public async Task StopTrainersAsync(Epoch epoch)
    {
        const int limitMilliseconds = 5000;
        if (epoch > TrainerFence) TrainerFence = epoch;
        var deadline = _world.Now + limitMilliseconds;
        foreach (var trainer in Machine.LiveTrainers.ToList())
        {
            if (trainer.Connected == this) trainer.Stop(epoch);
            // One that was started here and has said nothing yet is in no epoch.
            if (_started.Contains(trainer) && !trainer.SaidHello) continue;
            while (trainer.Alive && (trainer.Connected != this || trainer.Fence < epoch || trainer.IsCapturing))
            {
                if (_world.Now >= deadline)
                {
                    _world.Truths.KilledAtStop(trainer, isConnected: trainer.Connected == this);
                    trainer.Die(silently: false, TrainerEnd.Hung);
                }

                await Delay(10);
            }
        }
    }

    private IEnumerable<TrainerProcess> Attached() => Machine.LiveTrainers.Where(trainer => trainer.Connected == this);

    public void Attached(TrainerProcess trainer)
    {
        Launch(() => SettleAsync(trainer));
        // What it may have missed while it was without a silo.
        if (State.Directive.Version.Step >= DirectiveStep.Run) trainer.Commit(State.Directive.Version.Epoch, State.Committed);
        _reportDue.Set();
    }

    private void Take(HostDirective directive)
    {
        var isNew = State.Take(directive);
        if (isNew) _runner.Wake();
        if (directive.Version < State.Directive.Version) return;
        Commit(directive.Version.Epoch, directive.Committed);
        if (isNew && directive.Version.Step >= DirectiveStep.Run)
        {
            foreach (var trainer in Attached()) trainer.Commit(directive.Version.Epoch, State.Committed);
        }

        if (directive.Abandoned != _abandonedByDirective) Abandon(directive.Version.Epoch, directive.Abandoned);
        _abandonedByDirective = directive.Abandoned;
    }

    private string? TrainerProblem => Array.Exists(_restarts, restarts => restarts.IsBroken) ? "a trainer fails before its first step" : null;

    private HostReport Report() => new()
    {
        Host = Host,
        Incarnation = Incarnation,
        Sequence = ++_sequence,
        SpecFingerprint = Job.Fingerprint(),
        DataEndpoint = $"data:{Host}",
        Done = State.Done,
        NeedsNewPlan = State.NeedsNewPlan,
        Fence = _world.Has(Defect.FencesNotReported) ? default : State.Directive.Version.Epoch,
        NewPlanReason = State.NewPlanReason,
        Problem = State.Problem ?? TrainerProblem,
        RoomBytes = Machine.Memory.RoomBytes,
        Trainers = [.. Enumerable.Range(0, Machine.Trainers.Length).Select(ReportTrainer)],
        Replicas = ReportReplicas(Machine.Memory.Inventory()),
        Position = State.Directive.Position,
        Spec = State.Directive.Version.Epoch == Epoch.Zero ? Job : null,
        Committed = State.Committed,
        Persist = _storage.PersistReport,
        Store = _storage.StoreReport,
        GuestsRefused = _guests.Refused,
        IsLeaving = State.IsLeaving,
    };

    private TrainerReport ReportTrainer(int index)
    {
        if (Machine.Trainers[index] is not { } trainer) return new TrainerReport { LocalIndex = index, State = TrainerState.Exited };
        var report = new TrainerReport
        {
            LocalIndex = index,
            State = TrainerState.Exited,
            ProcessId = trainer.ProcessId,
            FailedAtUnixMilliseconds = _failedAt[index],
        };
        if (!trainer.Alive && trainer.State != TrainerState.Finished) return report;
        if (!trainer.Alive) return report with { State = TrainerState.Finished, Epoch = trainer.Epoch, Iteration = trainer.Iteration };
        if (trainer.Connected != this) return report with { State = _started.Contains(trainer) ? TrainerState.Starting : TrainerState.Awaited };
        return report with
        {
            State = trainer.State,
            Epoch = trainer.Epoch,
            Iteration = trainer.Iteration,
            Captured = trainer.Captured,
            IterationMilliseconds = _world.Options.IterationMilliseconds,
            RingEndpoint = trainer.RingEndpoint,
            ShardBytes = trainer.Rank is { } rank ? Slot.BytesOf(rank) : 0,
            LostPeer = trainer.LostPeer,
            FailedAtUnixMilliseconds = trainer.State == TrainerState.Interrupted ? trainer.FailedAt : _failedAt[index],
            TotalIterations = _world.Options.Total,
            Liveness = trainer.RingEndpoint,
            Fence = _world.Has(Defect.FencesNotReported) ? default : trainer.ToldEpoch,
        };
    }

    private ImmutableArray<Replica> ReportReplicas(ImmutableArray<Replica> held)
    {
        var isHiding = _world.Has(Defect.NewestCopyHidden) && State.Done.Step == DirectiveStep.Halt && held.Length > 0;
        return isHiding ? [.. held.Where(replica => replica.Snapshot != held.Max(copy => copy.Snapshot))] : held;
    }
}
