using System.Collections.Immutable;
using Gemini.Interfaces.Model;

namespace Gemini.Simulation.Fakes;

/// <summary>
/// A host that obeys directives as the real one does: at every tick it takes one step towards its newest directive. Its
/// trainers and its memory outlive the silo; nothing outlives the host.
/// </summary>
internal sealed class FakeHost
{
    private readonly FakeCluster _cluster;
    private readonly HashSet<Iteration> _abandoned = [];
    private HostDirective _directive = new() { Version = default };
    private DirectiveVersion _done;
    private DirectiveVersion _needsNewPlan;
    private string _newPlanReason = "";
    private Epoch _prepared;
    private bool _awaiting;
    private long _sequence;

    public FakeHost(FakeCluster cluster, HostName name)
    {
        (_cluster, Name) = (cluster, name);
        Storage = new FakeStorageTier(cluster, this);
        Guests = new FakeGuests(cluster, this);
    }

    public HostName Name { get; }

    public FakeStorageTier Storage { get; private set; }

    public FakeGuests Guests { get; private set; }

    /// <summary>When each silo process of this host died; null for the live one. The index is the incarnation minus one.</summary>
    public List<long?> Lives { get; } = [];

    public FakeMemory Memory { get; private set; } = new();

    public FakeTrainer[] Trainers { get; private set; } = [];

    /// <summary>Snapshots that its trainers skipped and that the host has not yet reported to its group.</summary>
    public HashSet<SnapshotId> Skipped { get; } = [];

    /// <summary>What keeps this host from carrying out a Prepare; null if nothing does.</summary>
    public string? Problem { get; set; }

    /// <summary>The step at which its worker agent hangs, while its silo lives and reports; null if it does not hang.</summary>
    public DirectiveStep? HangsAt { get; set; }

    /// <summary>Whether its trainers start and never connect.</summary>
    public bool TrainersHang { get; set; }

    /// <summary>How many bytes of segments it can hold; null if it does not report this.</summary>
    public long? RoomBytes { get; set; }

    /// <summary>Hosts whose data port it cannot reach.</summary>
    public HashSet<HostName> Unreachable { get; } = [];

    /// <summary>Whether it was told to stop and now asks whether it may leave.</summary>
    public bool IsLeaving { get; private set; }

    public Iteration Committed { get; private set; }

    public bool SiloAlive => Lives is [.., null];

    public DirectiveVersion Done => _done;

    public HostDirective Directive => _directive;

    private bool IsResting => _done == _directive.Version && _done.Step == DirectiveStep.Complete;

    public void Start()
    {
        if (SiloAlive) throw new InvalidOperationException($"{Name} already runs.");
        Lives.Add(null);
        (_directive, _done, _needsNewPlan, _prepared, _sequence, Committed) = (new() { Version = default }, default, default, default, 0, default);
        Storage = new FakeStorageTier(_cluster, this);
        if (Trainers.Length == 0) Trainers = [.. Enumerable.Range(0, _cluster.Job.RanksPerHost).Select(_ => _cluster.NewTrainer())];
        (_awaiting, IsLeaving) = (true, false);
    }

    public void KillSilo() => Lives[^1] = _cluster.Now;

    /// <summary>Tells the host to stop, like SIGTERM. It leaves when it may, and its memory stays.</summary>
    public void TellToStop() => IsLeaving = true;

    private void Leave()
    {
        foreach (var trainer in Trainers) (trainer.Alive, trainer.State) = (false, TrainerState.Exited);
        KillSilo();
    }

    /// <summary>The machine is lost: processes, memory and all.</summary>
    public void KillHost()
    {
        if (SiloAlive) KillSilo();
        foreach (var trainer in Trainers) trainer.Alive = false;
        (Trainers, Memory, Guests) = ([], new FakeMemory(), new FakeGuests(_cluster, this));
        Skipped.Clear();
    }

    public HostReport Report() => new()
    {
        Host = Name,
        Incarnation = Lives.Count,
        Sequence = ++_sequence,
        SpecFingerprint = _cluster.Job.Fingerprint(),
        DataEndpoint = $"data:{Name}",
        Done = _done,
        NeedsNewPlan = _needsNewPlan,
        NewPlanReason = _newPlanReason,
        RoomBytes = RoomBytes,
        Problem = _directive.Version.Step == DirectiveStep.Prepare || _directive.Position is null ? Problem : null,
        Trainers = [.. Trainers.Select((trainer, index) => trainer.Report(index, _awaiting && trainer.State != TrainerState.Starting))],
        Replicas = Memory.Inventory(),
        Committed = Committed,
        Persist = Storage.Persist,
        Store = Storage.Store,
        GuestsRefused = [.. Guests.Refused],
        IsLeaving = IsLeaving,
    };

    public void Take(HostDirective directive)
    {
        if (directive.Version < _directive.Version) return;
        if (directive.Version.Epoch > _directive.Version.Epoch)
        {
            _abandoned.Clear();
            Committed = directive.Committed;
        }

        _directive = directive;
        Commit(directive.Version.Epoch, directive.Committed);
        if (directive.Abandoned > Iteration.Zero) Abandon(directive.Version.Epoch, directive.Abandoned);
    }

    public void Commit(Epoch epoch, Iteration iteration)
    {
        if (epoch == _directive.Version.Epoch && iteration > Committed) Committed = iteration;
    }

    public void Abandon(Epoch epoch, Iteration iteration)
    {
        if (epoch == _directive.Version.Epoch) _abandoned.Add(iteration);
    }

    public bool IsAbandoned(Iteration iteration) => _abandoned.Contains(iteration);

    /// <summary>One tick of the silo's work.</summary>
    public void Work()
    {
        if (IsLeaving && _directive.Leave is not null)
        {
            Leave();
            return;
        }

        _awaiting = false;
        SuperviseTrainers();
        Storage.Work();
        Guests.Work();
        if (_directive.Version <= _done || _needsNewPlan == _directive.Version) return;
        var version = _directive.Version;
        if (HangsAt is { } step && (_done.Epoch < version.Epoch ? DirectiveStep.Halt : version.Step) >= step) return;
        var joinsLate = version.Step >= DirectiveStep.Run && _directive.Position is not null && _prepared != version.Epoch;
        if (joinsLate) Adopt();
        else if (_done.Epoch < version.Epoch) Halt();
        else if (_done.Step < DirectiveStep.Prepare) Prepare();
        else if (_done.Step < DirectiveStep.Run) Run();
        else Rest();
        if (_done.Step >= DirectiveStep.Run && version.Step == DirectiveStep.Complete) _done = version;
    }

    private void SuperviseTrainers()
    {
        for (var index = 0; index < Trainers.Length; index++)
        {
            var trainer = Trainers[index];
            var expected = _directive.Position is { } position ? _cluster.Job.RankOf(position, index) : (Rank?)null;
            if (!trainer.Alive && trainer.State != TrainerState.Exited) (trainer.State, trainer.FailedAt) = (TrainerState.Exited, _cluster.Now);
            else if (!trainer.Alive && !IsResting) Trainers[index] = _cluster.NewTrainer(trainer.FailedAt);
            else if (trainer.State == TrainerState.Starting && TrainersHang) continue;
            else if (trainer.State == TrainerState.Starting) trainer.State = TrainerState.Waiting;
            else if (trainer.State == TrainerState.Waiting && trainer.Rank is null) trainer.Rank = expected;
            else if (trainer.Rank is not null && trainer.Rank != expected && _directive.Version.Step >= DirectiveStep.Prepare) trainer.Alive = false;
        }
    }

    /// <summary>Trainers exit, and none is started until an epoch begins.</summary>
    private void Rest()
    {
        foreach (var trainer in Trainers.Where(trainer => trainer.State != TrainerState.Finished))
            (trainer.Alive, trainer.State) = (false, TrainerState.Exited);
    }

    private void Adopt()
    {
        foreach (var trainer in Trainers.Where(trainer => trainer.Alive && trainer.Epoch < _directive.Version.Epoch)) trainer.Stop();
        _done = new DirectiveVersion(_directive.Version.Epoch, DirectiveStep.Run);
    }

    private void Halt()
    {
        foreach (var trainer in Trainers.Where(trainer => trainer.Alive)) trainer.Stop();
        _done = new DirectiveVersion(_directive.Version.Epoch, DirectiveStep.Halt);
    }

    private void Prepare()
    {
        if (Problem is not null) return;
        if (_directive.Restore is { } snapshot)
        {
            Memory.DiscardNewerThan(snapshot);
            if (!_directive.Own.All(shard => Obtain(shard, snapshot)))
            {
                _needsNewPlan = _directive.Version;
                return;
            }
        }
        else if (_directive.Position is not null)
        {
            Memory.Clear();
        }

        Committed = _directive.Restore?.Iteration ?? default;
        _prepared = _directive.Version.Epoch;
        _done = new DirectiveVersion(_prepared, DirectiveStep.Prepare);
    }

    private bool Obtain(ShardDirective shard, SnapshotId snapshot)
    {
        _newPlanReason = "";
        foreach (var source in shard.Sources)
        {
            if (Unreachable.Contains(source))
            {
                _newPlanReason = $"{source} cannot be reached";
                continue;
            }

            if (_cluster.Read(source, shard.Owner, snapshot) is not { } copy || copy.Hash != shard.Hash) continue;
            Memory.Store(copy, snapshot.Iteration);
            return true;
        }

        return shard.InStorage && Storage.Load(shard, snapshot);
    }

    private void Run()
    {
        Memory.ReleaseExcept(_directive.Own.Concat(_directive.Held).Select(shard => shard.Owner).Concat(Guests.Owners).ToHashSet());
        if (_directive.Position is not null)
        {
            if (!Trainers.All(trainer => trainer is { Alive: true, State: TrainerState.Waiting, Rank: not null })) return;
            foreach (var trainer in Trainers) trainer.Hand(_directive);
        }

        _done = new DirectiveVersion(_directive.Version.Epoch, DirectiveStep.Run);
    }

    /// <summary>A trainer of this host reads the copies that it must load.</summary>
    public void Load(FakeTrainer trainer)
    {
        var point = trainer.Handed!;
        if (point.Restore is { } snapshot && Memory.Read(trainer.Rank!.Value, snapshot) is null)
        {
            if (_directive.Version.Epoch == point.Version.Epoch) _needsNewPlan = _directive.Version;
            return;
        }

        _cluster.Invariants.Loaded(trainer.Rank!.Value, point.Version.Epoch, point.Restore);
        trainer.Load();
    }
}
