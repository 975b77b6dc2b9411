using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Simulation.Cluster;

namespace Gemini.Simulation.Truths;

// The decisions of root agents, checked against the machines' memory.
internal sealed partial class FiveTruths
{
    /// <summary>More snapshots than exist at one time.</summary>
    private const int RememberedSnapshots = 200;

    /// <summary>So many epochs within <see cref="EpochSpanMilliseconds"/> follow each other without a pause.</summary>
    internal const int EpochsMax = 40;

    internal const int EpochSpanMilliseconds = 20_000;

    private readonly Dictionary<SnapshotId, Dictionary<Rank, HashSet<int>>> _everSealed = [];
    private readonly Queue<SnapshotId> _sealedOrder = [];
    private readonly Dictionary<Machine, (Epoch Epoch, List<(Rank Owner, SnapshotId Snapshot)> Copies)> _heldAtHalt = [];
    private readonly Dictionary<Epoch, HashSet<(Rank Owner, SnapshotId Snapshot)>> _everHeldAtHalt = [];
    private readonly Dictionary<Epoch, RootActivation> _begun = [];
    private readonly Dictionary<Epoch, SnapshotId?> _planned = [];
    private readonly Queue<long> _begunAt = [];
    private RootRecord _newestRecord = new();
    private SnapshotId? _saved;
    private Epoch _newestEpoch;
    private (Epoch Epoch, Iteration Iteration) _committed;
    private SnapshotId? _committedSnapshot;

    private bool RecoversFromMemory => world.Job.Checkpoints().RecoversFromMemory;

    /// <summary>A machine has halted: its memory does not change until it has a plan.</summary>
    public void Halted(Machine machine, Epoch epoch)
    {
        // If the record is lost and every silo has ended, no process knows of an epoch that only halted. It may begin again.
        if (epoch < machine.Halted && !world.Record.WasLost) Broken(5, $"{machine.Name} halts for epoch {epoch} after it did for {machine.Halted}");
        machine.Halted = epoch;
        var copies = machine.Memory.Sealed.Select(slot => (slot.Owner, slot.Snapshot)).ToList();
        _heldAtHalt[machine] = (epoch, copies);
        if (!_everHeldAtHalt.TryGetValue(epoch, out var all)) _everHeldAtHalt.Add(epoch, all = []);
        all.UnionWith(copies);
    }

    /// <summary>
    /// The store has lost the record, so the next record may have a lower epoch. An epoch may begin again if no trace of it is left. The snapshots
    /// that trainers loaded in it still count.
    /// </summary>
    public void RecordLost()
    {
        _newestRecord = new RootRecord();
        _begun.Clear();
    }

    /// <summary>Truth 5. The record's epoch never goes back.</summary>
    public void Recorded(RootRecord record)
    {
        if (record.Epoch < _newestRecord.Epoch) Broken(5, $"the record goes back from epoch {_newestRecord.Epoch} to {record.Epoch}");
        var changes = _newestRecord.Assignment.Zip(record.Assignment).Where(change => change.First != change.Second);
        foreach (var (host, _) in changes.Where(change => change is { First: not null, Second: not null }))
        {
            if (world.MachineOf(host!.Value).Silo is { IsMember: true }) world.Statistics.Count("live hosts that lost their position");
        }

        if (record.Spec is { } spec && spec.Fingerprint() != world.Job.Fingerprint()) Broken(5, "the record has the specification of an odd host");
        CountAttempt(record);
        _newestRecord = record;
        if (record.Epoch > _newestEpoch) _newestEpoch = record.Epoch;
    }

    /// <summary>Failed attempts to resume must not follow each other without a pause.</summary>
    private void CountAttempt(RootRecord record)
    {
        if (record.Epoch == _newestRecord.Epoch) return;
        _begunAt.Enqueue(world.Now);
        while (_begunAt.Peek() < world.Now - EpochSpanMilliseconds) _begunAt.Dequeue();
        if (_begunAt.Count > EpochsMax) world.Fail($"{EpochsMax} epochs were begun within {EpochSpanMilliseconds} ms");
    }

    /// <summary>Truth 5. A host with the job's configuration must not be refused: a refusal would end it and its trainers.</summary>
    public void Refused(Cluster.Silo silo)
    {
        if (!silo.IsOdd) Broken(5, $"{silo.Host} is refused, and is configured as the job is");
    }

    /// <summary>Truth 2. A snapshot must be in storage if a stopping host was told so.</summary>
    public void Left(Cluster.Silo silo, LeaveDirective word)
    {
        if (word.Cause != LeaveCause.Saved) return;
        if (!world.Storage.Complete.Any(stored => stored.Snapshot.Iteration >= silo.State.Committed))
            Broken(2, $"{silo.Host} stops because {word.Reason}, and storage has nothing that is as new as iteration {silo.State.Committed}");
        if (world.Storage.Complete.Max(stored => (SnapshotId?)stored.Snapshot) is { } saved && (_saved is not { } known || saved.CompareTo(known) > 0)) _saved = saved;
    }

    /// <summary>A trainer has not stopped in time. Truth 4.</summary>
    public void KilledAtStop(TrainerProcess trainer, bool isConnected)
    {
        if (isConnected && trainer is { IsHung: false, IsCapturing: true })
            Broken(4, $"rank {trainer.Rank} lives and is killed, because a stop met its capture");
    }

    /// <summary>A root agent sends a directive.</summary>
    public void Sent(RootActivation root, RootRecord record, HostName host, HostDirective directive)
    {
        var epoch = directive.Version.Epoch;
        if (epoch > _newestEpoch)
            Broken(5, $"{host} is told {directive.Version} before the record says epoch {epoch}; it says {_newestEpoch}");
        if (epoch > Epoch.Zero && epoch == _newestRecord.Epoch && directive.Position is { } position && _newestRecord.Assignment[position.Value] != host)
            Broken(5, $"{host} is given position {position} in epoch {epoch}, which the record gives to {_newestRecord.Assignment[position.Value]}");
        if (directive.Version.Step == DirectiveStep.Halt && epoch > Epoch.Zero)
        {
            if (_begun.TryAdd(epoch, root)) BeginAgain(root, epoch);
            else if (_begun[epoch] != root)
            {
                if (!IsForgotten(root, epoch)) Broken(5, $"epoch {epoch} is begun by two root agents");
                _begun[epoch] = root;
                BeginAgain(root, epoch);
            }
        }

        if (directive.Version.Step >= DirectiveStep.Run) NoteTold(record, directive);
        if (directive.Version.Step < DirectiveStep.Prepare) return;
        if (_planned.TryAdd(epoch, directive.Restore))
        {
            CheckPlan(root, record, directive);
            // The restored snapshot counts as committed from now on.
            _committedSnapshot = directive.Restore;
        }
        else if (_planned[epoch] != directive.Restore)
            Broken(1, $"in epoch {epoch} {host} is told to restore {Name(directive.Restore)}, others {Name(_planned[epoch])}");
    }

    /// <summary>Truth 2, its part about commits: all m replicas of every shard were sealed. Truth 5: commits only grow within an epoch.</summary>
    public void Committed(RootRecord record, Iteration iteration)
    {
        world.Loop.Mix(iteration.Value);
        var snapshot = record.Restore is { } restored && restored.Iteration == iteration ? restored : new SnapshotId(iteration, record.Epoch);
        world.Trace("", () => $"iteration {iteration} is committed in epoch {record.Epoch}");
        world.Statistics.Count("commits");
        for (var rank = new Rank(0); rank.Value < world.Job.WorldSize; rank = new Rank(rank.Value + 1))
        {
            var holders = _everSealed.GetValueOrDefault(snapshot)?.GetValueOrDefault(rank)?.Count ?? 0;
            if (holders < world.Job.Replicas)
                Broken(2, $"snapshot {snapshot} is committed in epoch {record.Epoch}, but only {holders} of {world.Job.Replicas} hosts "
                    + $"ever had rank {rank}'s shard sealed");
        }

        if (record.Epoch == _committed.Epoch && iteration < _committed.Iteration)
            Broken(5, $"in epoch {record.Epoch} iteration {iteration} is committed after {_committed.Iteration}");
        if (record.Epoch >= _committed.Epoch) (_committed, _committedSnapshot) = ((record.Epoch, iteration), snapshot);
        if (iteration > EverCommitted) EverCommitted = iteration;
    }

    /// <summary>Truth 2. A copy of the newest committed snapshot is never overwritten.</summary>
    public void Overwrites(Machine machine, Slot slot, SnapshotId next)
    {
        if (slot.State == SlotState.Sealed && slot.IsHeaderSound && slot.Snapshot == _committedSnapshot)
            Broken(2, $"{machine.Name} writes snapshot {next} of rank {slot.Owner} over {slot.Snapshot}, which is the newest that is committed");
    }

    /// <summary>Truth 3. Memory is emptied only if nothing was ever committed.</summary>
    public void Discards(Machine machine)
    {
        if (EverCommitted > Iteration.Zero && RecoversFromMemory && machine.Memory.Sealed.Any())
            Broken(3, $"{machine.Name} throws away what it holds for a start from the beginning, although iteration {EverCommitted} was committed");
    }

    /// <summary>
    /// A root agent has entered another phase. Truth 3: if the job fails, it names exactly the missing shards. Truth 2: it does not fail while a
    /// snapshot is whole.
    /// </summary>
    public void Entered(RootActivation root, JobCoordinator coordinator)
    {
        if (coordinator.Phase == JobPhase.Completed) CheckCompleted(coordinator);
        if (coordinator.Phase != JobPhase.Failed || coordinator.Record.Epoch != _newestRecord.Epoch) return;
        if (coordinator.Missing is not { Snapshot: { } snapshot, Ranks: var named }) return;
        var epoch = coordinator.Record.Epoch;
        var all = _everHeldAtHalt.GetValueOrDefault(epoch, []).Where(copy => copy.Snapshot == snapshot).Select(copy => copy.Owner).ToHashSet();
        var wrong = named.Where(rank => IsHeldByAssigned(coordinator.Record, epoch, rank, snapshot)).ToList();
        if (wrong.Count > 0)
            Broken(3, $"in epoch {epoch} rank {string.Join(", ", wrong)} of {snapshot} is said to be missing, and a halted host of the job holds it");
        var ranks = Enumerable.Range(0, world.Job.WorldSize).Select(rank => new Rank(rank));
        var unnamed = ranks.Where(rank => !all.Contains(rank) && !named.Contains(rank)).ToList();
        if (unnamed.Count > 0)
            Broken(3, $"in epoch {epoch} rank {string.Join(", ", unnamed)} of {snapshot} is missing, and the job does not say so");
        world.Statistics.Count("failures that named what is missing");
        if (NewestWhole(coordinator.Record, epoch) is { } whole)
            Broken(2, $"in epoch {epoch} the job fails although snapshot {whole} is whole on halted hosts of the job");
    }

    /// <summary>Truth 2, at the end: before a job with storage is completed, its last snapshot is in storage.</summary>
    private void CheckCompleted(JobCoordinator coordinator)
    {
        var committed = coordinator.Committed.Iteration;
        if (world.Job.Storage is null || coordinator.Record.Epoch != _newestRecord.Epoch) return;
        if (!world.Storage.Complete.Any(stored => stored.Snapshot.Iteration >= committed))
            Broken(2, $"the job is completed at iteration {committed}, and storage has no snapshot of it");
        world.Statistics.Count("jobs with storage that were completed");
    }

    /// <summary>The newest snapshot for which these machines hold a sound copy of every shard.</summary>
    public SnapshotId? NewestSound(IEnumerable<Machine> machines, Iteration most) => machines
        .SelectMany(machine => machine.Memory.Sealed).Where(slot => slot.IsSound && slot.Snapshot.Iteration <= most)
        .GroupBy(slot => slot.Snapshot)
        .Where(copies => copies.Select(slot => slot.Owner).Distinct().Count() == world.Job.WorldSize)
        .Select(copies => (SnapshotId?)copies.Key).Max();

    /// <summary>A directive may announce a commit before the commit's own message does.</summary>
    private void NoteTold(RootRecord record, HostDirective directive)
    {
        var isNews = directive.Committed > (record.Restore?.Iteration ?? default)
            && (record.Epoch > _committed.Epoch || (record.Epoch == _committed.Epoch && directive.Committed > _committed.Iteration));
        if (isNews) Committed(record, directive.Committed);
    }

    private void NoteSealed(Machine machine, Slot slot)
    {
        if (!_everSealed.TryGetValue(slot.Snapshot, out var shards))
        {
            _everSealed.Add(slot.Snapshot, shards = []);
            _sealedOrder.Enqueue(slot.Snapshot);
            if (_sealedOrder.Count > RememberedSnapshots) _everSealed.Remove(_sealedOrder.Dequeue());
        }

        if (!shards.TryGetValue(slot.Owner, out var machines)) shards.Add(slot.Owner, machines = []);
        machines.Add(machine.Index);
    }

    /// <summary>Truths 2 and 3. The plan restores the newest snapshot that the halted hosts of the job hold whole, or a newer one.</summary>
    private void CheckPlan(RootActivation root, RootRecord record, HostDirective directive)
    {
        var epoch = directive.Version.Epoch;
        if (!RecoversFromMemory)
        {
            // A baseline ignores memory: it restores the snapshot in storage, or starts from the beginning.
            if (directive.Restore != record.Persisted) Broken(2, $"epoch {epoch} restores {Name(directive.Restore)}, but {Name(record.Persisted)} is persisted");
            return;
        }

        if (directive.Restore is null && EverCommitted > Iteration.Zero && IsNothingLeft(root)) world.EndAnew();
        else if (directive.Restore is null && EverCommitted > Iteration.Zero)
            Broken(3, $"epoch {epoch} starts from the beginning although iteration {EverCommitted} was committed");
        if (_saved is { } saved && world.Storage.Sound.Contains(saved) && (directive.Restore is not { } planned || planned.Iteration < saved.Iteration))
            Broken(2, $"epoch {epoch} restores {Name(directive.Restore)}, but hosts that stopped were told that {saved} is in storage");
        if (NewestWhole(record, epoch) is { } whole && (directive.Restore is not { } restored || restored.CompareTo(whole) < 0))
            Broken(2, $"epoch {epoch} restores {Name(directive.Restore)}, but {whole} is whole on halted hosts of the job");
    }

    /// <summary>
    /// If the record is lost, an epoch may begin again. From there on commits are counted anew; the check of the plan finds out whether the job went
    /// back too far. If every copy is also lost, the snapshots that were loaded in that epoch are forgotten as well.
    /// </summary>
    private void BeginAgain(RootActivation root, Epoch epoch)
    {
        _planned.Remove(epoch);
        if (epoch <= _committed.Epoch) _committed = default;
        if (IsNothingLeft(root)) _loaded.Remove(epoch);
    }

    /// <summary>If the record and every copy are lost, nothing shows that the job has ever trained.</summary>
    private bool IsNothingLeft(RootActivation root) => world.Record.WasLost
        && !root.Coordinator!.LiveHosts.Any(host => world.MachineOf(host).Memory.Sealed.Any());

    /// <summary>If also every host and trainer that was told of the epoch is gone, nothing shows that the epoch has ever begun.</summary>
    private bool IsForgotten(RootActivation root, Epoch epoch) => IsNothingLeft(root) && !world.Machines.Any(machine =>
        machine.Silo?.State.Directive.Version.Epoch >= epoch || machine.LiveTrainers.Any(trainer => trainer.ToldEpoch >= epoch));

    private SnapshotId? NewestWhole(RootRecord record, Epoch epoch) => AssignedHalted(record, epoch)
        .SelectMany(machine => _heldAtHalt[machine].Copies.Where(copy => machine.Memory.Find(copy.Owner, copy.Snapshot) is not null))
        .GroupBy(copy => copy.Snapshot)
        .Where(copies => copies.Select(copy => copy.Owner).Distinct().Count() == world.Job.WorldSize)
        .Select(copies => (SnapshotId?)copies.Key).Max();

    private bool IsHeldByAssigned(RootRecord record, Epoch epoch, Rank rank, SnapshotId snapshot) => AssignedHalted(record, epoch)
        .Any(machine => _heldAtHalt[machine].Copies.Contains((rank, snapshot))
            && machine.Memory.Sealed.Any(slot => slot.Owner == rank && slot.Snapshot == snapshot));

    private IEnumerable<Machine> AssignedHalted(RootRecord record, Epoch epoch) => record.Assignment.OfType<HostName>().Select(world.MachineOf)
        .Where(machine => machine.IsOn && machine.Halted == epoch && _heldAtHalt.TryGetValue(machine, out var held) && held.Epoch == epoch);
}
