using System.Collections.Immutable;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;

namespace Gemini.Grains.Hosts;

/// <summary>
/// The worker agent of one host (paper §3.2): takes directives, serves trainers, and runs the loops (<see cref="HostLoop"/>) that report to the root
/// agent, announce replicas, carry out directives and do the host's other repeated work. It has no sockets, files or processes: those are behind
/// <see cref="WorkerAgentPorts"/>. Its grain (<see cref="IWorkerAgent"/>) is only its address.
/// </summary>
/// <remarks>
/// <para>
/// A failed attempt ends no loop, except by one of the two exceptions that <see cref="HostLoop"/> lets pass. If a loop ends, the host ends, with a
/// line that says why.
/// </para>
/// <para>
/// If a trainer dies, nothing here is lost. If the silo dies, only the state of this process is lost: the next silo gets it back from the segment
/// headers, the trainers' hellos and the root agent's directive. If the host dies, its segments are lost; peers hold copies of them.
/// </para>
/// </remarks>
public sealed partial class WorkerAgent : IWorkerService, IAsyncDisposable
{
    /// <summary>How long a trainer's question waits for an answer. After that, the trainer asks again.</summary>
    private static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(2);

    private readonly JobSpec _job;
    private readonly string _fingerprint;
    private readonly HostIdentity _identity;
    private readonly HostState _state;
    private readonly WorkerAgentPorts _ports;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Replicator _replicator;
    private readonly RestoreLog _restores;
    private readonly DirectiveRunner _runner;
    private readonly GuestKeeper _guests;
    private readonly ReplicaAnnouncer _announcer;
    private readonly RootReporter _reporter;
    private readonly FolderWatch _folder;
    private readonly Signal _reportDue;
    private long _sequence;
    private Iteration _abandonedByDirective;

    /// <param name="job">The job, as this host is configured.</param>
    /// <param name="identity">Who this silo process is.</param>
    /// <param name="state">What the agent knows; the storage tier reads it, too.</param>
    /// <param name="ports">What the agent reaches outside itself. The caller stays their owner.</param>
    /// <param name="time">Measures every wait.</param>
    /// <param name="logger">The log.</param>
    public WorkerAgent(JobSpec job, HostIdentity identity, HostState state, WorkerAgentPorts ports, TimeProvider time, ILogger<WorkerAgent> logger)
    {
        (_job, _identity, _state, _ports, _time, _logger) = (job, identity, state, ports, time, logger);
        _fingerprint = job.Fingerprint();
        _replicator = new Replicator(ports.Memory, state, ports.Links);
        _restores = new RestoreLog(time);
        _runner = new DirectiveRunner(job, identity.Name, state, ports, _replicator, _restores, time, logger);
        _guests = new GuestKeeper(job, state, ports, time, logger);
        _announcer = new ReplicaAnnouncer(ports.ControlPlane, job, ports.Memory, state, time);
        _reporter = new RootReporter(ports.ControlPlane, time);
        _folder = new FolderWatch(state, ports.Memory, ports.Trainers, time, logger);
        _reportDue = new Signal(time);
        _state.Changed += _reportDue.Set;
        _replicator.Changed += _reportDue.Set;
        _guests.Changed += _reportDue.Set;
        _folder.Changed += _reportDue.Set;
        ports.Trainers.Changed += LearnCommits;
        ports.Trainers.Changed += _reportDue.Set;
        ports.Trainers.Capturing += _replicator.Offer;
        ports.Memory.Sealed += _ => _announcer.Announce();
        ports.Memory.Damaged += _reportDue.Set;
        ports.Storage.Changed += _reportDue.Set;
        ports.Background.Changed += _reportDue.Set;
    }

    public HostName Host => _identity.Name;

    public Task<HostReport> DirectAsync(HostDirective directive)
    {
        Take(directive);
        return Task.FromResult(Report());
    }

    public Task CommitAsync(Epoch epoch, Iteration iteration)
    {
        Commit(epoch, iteration);
        return Task.CompletedTask;
    }

    public Task AbandonAsync(Epoch epoch, Iteration iteration)
    {
        Abandon(epoch, iteration);
        return Task.CompletedTask;
    }

    public Task<TrainerMembership?> JoinAsync(int localIndex) => AskAsync(() =>
    {
        if (_state.Directive.Position is not { } position) return null;
        _ports.Trainers.SetPosition(position);
        var rank = _job.RankOf(position, localIndex);
        _ports.Trainers.MarkJoined(rank);
        return new TrainerMembership(rank, _job.WorldSize, _job, Host);
    });

    public Task DeclareShardAsync(Rank rank, long payloadBytes)
    {
        _ports.Trainers.MarkDeclared(rank, payloadBytes);
        _reportDue.Set();
        return Task.CompletedTask;
    }

    public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after)
    {
        _ports.Trainers.MarkAsking(rank);
        return AskAsync(() => HandRestorePoint(rank, after));
    }

    private RestorePoint? HandRestorePoint(Rank rank, Epoch after)
    {
        var processId = _ports.Trainers.ProcessIdOf(rank);
        // The process that asked has died meanwhile. The point stays for the process that takes its place.
        if (processId == 0) return null;
        if (_state.HandRestorePoint(rank, after, processId) is not { } point) return null;
        _ports.Trainers.MarkLoading(rank, point.Epoch);
        _state.MarkLoading(rank, point.Epoch);
        _restores.Loading(rank, point.Epoch);
        _runner.Wake(newEpoch: false);
        return point;
    }

    public Task LoadedAsync(Rank rank, Epoch epoch)
    {
        // Before the trainer counts as loaded, so that the report that says so also has the time of the load.
        _restores.Loaded(rank, epoch);
        if (epoch == _state.Directive.Version.Epoch) _ports.Trainers.MarkLoaded(rank, epoch, _state.Directive.Restore?.Iteration ?? default);
        return Task.CompletedTask;
    }

    public async Task<bool> RejectCopyAsync(Rank rank, Epoch epoch, SnapshotId snapshot, string reason)
    {
        LogRejected(rank, snapshot, reason);
        var shard = _state.Directive is { } directive && directive.Restore == snapshot
            ? directive.Own.FirstOrDefault(shard => shard.Owner == rank)
            : null;
        var isWhole = shard?.Hash is { } hash && await _ports.Memory.VerifyAsync(rank, snapshot, hash, CancellationToken.None);
        // If our copy is whole, its snapshot is of another training state, and so is every other copy. To discard them would lose the job's state
        // because of one wrong option.
        if (isWhole && !shard!.InStorage) return false;
        _ports.Memory.Quarantine(rank, snapshot, reason);
        // If our copy no longer matches its hash, it was damaged in this host's memory: load it from storage again. If it still matches and the
        // trainer refuses it, the stored snapshot itself is wrong: refuse it for good.
        if (isWhole) _ports.Storage.Refuse(snapshot, reason);
        _state.MarkNeedsNewPlan(epoch, $"rank {rank} refused its copy of snapshot {snapshot}: {reason}");
        return true;
    }

    public Task SealAsync(Rank rank, SnapshotId snapshot, ContentHash hash)
    {
        if (snapshot.Epoch != _state.Directive.Version.Epoch) return Task.CompletedTask;
        _ports.Trainers.MarkCaptured(rank, snapshot.Iteration);
        // The replicator knows this snapshot already, unless the capture began before this silo did.
        _replicator.Offer(rank, snapshot);
        _announcer.Announce();
        _ports.Storage.Wake();
        return Task.CompletedTask;
    }

    public Task SkipAsync(Rank rank, SnapshotId snapshot)
    {
        if (snapshot.Epoch != _state.Directive.Version.Epoch) return Task.CompletedTask;
        _ports.Trainers.MarkSkipped(rank);
        _announcer.AnnounceSkip(snapshot);
        return Task.CompletedTask;
    }

    public async Task<bool> StagedAsync(SnapshotId snapshot) => await AskAsync(() => HoldsUp(snapshot) ? null : snapshot.ToString()) is not null;

    private bool HoldsUp(SnapshotId snapshot) => _state.Directive.Version.Epoch == snapshot.Epoch
        && _state.Directive.Persist?.Snapshot == snapshot
        && (_ports.Storage.PersistReport is not { Stage: not PersistStage.Waiting } report || report.Snapshot != snapshot);

    /// <summary>Runs until it is cancelled, or until this host cannot continue.</summary>
    /// <returns>Why it cannot continue; null if it was cancelled.</returns>
    public Task<HostLoopEnd?> RunAsync(CancellationToken ct) => HostLoop.RunAsync(Loops(), _time, _logger, ct);

    /// <summary>Ends all sending. Call when <see cref="RunAsync"/> has ended or is about to.</summary>
    public async ValueTask DisposeAsync()
    {
        await _replicator.DisposeAsync();
        _runner.Dispose();
        _guests.Dispose();
    }

    private IEnumerable<HostLoop> Loops() =>
    [
        new("Carrying out directives", _runner.CarryOutAsync) { Failed = _runner.OnFailed, Pause = DirectiveRunner.RetryDelay },
        new("Announcing replicas to the checkpoint group", _announcer.AnnounceAsync),
        new("Reporting to the root agent", ct => _reporter.ReportAsync(Report, Take, _reportDue, ct)) { Pause = RootReporter.RetryDelay },
        new("Taking in guests", _guests.TakeInAsync),
        new("The watch over the host's folder", _folder.LookAsync),
        .. _ports.Background.Loops,
    ];

    private void Take(HostDirective received)
    {
        // The directive is for the other silo process of this name. One of the two is about to be told that the name is taken.
        if (received.Incarnation != 0 && received.Incarnation != _identity.Incarnation) return;
        var directive = _state.Complete(received);
        DirectiveRules.Check(directive, _job);
        var epochBefore = _state.Directive.Version.Epoch;
        var isNew = _state.Take(directive);
        if (isNew) _runner.Wake(newEpoch: directive.Version.Epoch > epochBefore);
        if (directive.Version < _state.Directive.Version) return;
        Commit(directive.Version.Epoch, directive.Committed);
        LearnCommits();
        // If this silo started in the middle of the epoch, it took the commit over with the directive, and Commit above passed nothing on. But its
        // trainers had no silo meanwhile, so they may not know the commit.
        if (isNew && directive.Version.Step >= DirectiveStep.Run) _ports.Trainers.PushCommitted(directive.Version.Epoch, _state.Committed);
        if (directive.Abandoned != _abandonedByDirective) Abandon(directive.Version.Epoch, directive.Abandoned);
        _abandonedByDirective = directive.Abandoned;
        // Trainers of this epoch do not wait for a snapshot that was captured in an earlier one.
        if (directive.Persisted is { } persisted && persisted.Epoch == directive.Version.Epoch)
            _ports.Trainers.PushPersisted(persisted.Epoch, persisted.Iteration);
        _ports.Storage.Wake();
        _guests.Wake();
    }

    private void Commit(Epoch epoch, Iteration iteration)
    {
        if (!_state.Commit(epoch, iteration)) return;
        _ports.Trainers.PushCommitted(epoch, iteration);
        _ports.Storage.Wake();
        _guests.Wake();
    }

    private void Abandon(Epoch epoch, Iteration iteration)
    {
        // If a rank still waits for the iteration, the root agent sends this again. Then it is passed on again, too.
        if (!_state.MayBeAbandoned(epoch, iteration)) return;
        _replicator.Withdraw(new SnapshotId(iteration, epoch));
        _ports.Trainers.PushAbandoned(epoch, iteration);
    }

    /// <summary>
    /// Trainers live longer than a silo. An earlier silo may have told them of a commit that neither this silo nor a new root agent knows. Since then
    /// they may have overwritten the snapshot before it.
    /// </summary>
    private void LearnCommits()
    {
        foreach (var trainer in _ports.Trainers.Reports) Commit(trainer.Epoch, trainer.Committed);
    }

    private HostReport Report()
    {
        var (damages, damageCount) = _ports.Memory.Damages;
        return ReportWith([.. damages.Select(damage => new QuarantinedCopy(Host, damage.Owner, damage.Snapshot, damage.Reason))], damageCount);
    }

    private HostReport ReportWith(ImmutableArray<QuarantinedCopy> quarantined, int quarantinedCount) => new()
    {
        Host = Host,
        Incarnation = _identity.Incarnation,
        Sequence = Interlocked.Increment(ref _sequence),
        SpecFingerprint = _fingerprint,
        DataEndpoint = _identity.DataEndpoint,
        WebEndpoint = _identity.WebEndpoint,
        SiloProcessId = _identity.ProcessId,
        // Read before the trainers' reports: those may be further ahead by then, but never behind.
        Done = _state.Done,
        NeedsNewPlan = _state.NeedsNewPlan,
        EpochFloor = _state.Directive.Version.Epoch,
        RingHash = _state.RingHash,
        NewPlanReason = _state.NewPlanReason,
        Problem = _state.Problem ?? _ports.Trainers.Problem,
        Trainers = _ports.Trainers.Reports,
        Replicas = _ports.Memory.Inventory(),
        Run = _ports.Memory.Run,
        Leftovers = _ports.Memory.Leftovers,
        Position = _state.Directive.Position,
        Spec = _state.Directive.Version.Epoch == Epoch.Zero ? _job : null,
        Committed = _state.Committed,
        MemoryBytes = _ports.Memory.MemoryBytes + _ports.Storage.StagedBytes,
        ManagedBytes = _ports.Background.ManagedBytes,
        RoomBytes = _ports.Memory.RoomBytes(_ports.Storage.StagedBytes),
        Persist = _ports.Storage.PersistReport,
        Store = _ports.Storage.StoreReport,
        Quarantined = quarantined,
        QuarantinedCount = quarantinedCount,
        Scrub = _ports.Background.Scrub,
        Transfers = _ports.Background.Transfers,
        GuestsRefused = _guests.Refused,
        Labels = _identity.Labels,
        Restored = _restores.Entries,
        IsLeaving = _state.IsLeaving,
        ReplicationProblems = _replicator.Problems,
        Paths = _replicator.Paths,
        Traffic = _replicator.Traffic,
        MemoryWarning = _ports.Memory.Warning,
        TrainerWarning = _ports.Trainers.Warning,
    };

    /// <summary>Asks again at every change until there is an answer or the time is over.</summary>
    private async Task<T?> AskAsync<T>(Func<T?> ask)
        where T : class
    {
        var changed = new Signal(_time);
        _state.Changed += changed.Set;
        _ports.Storage.Changed += changed.Set;
        try
        {
            using var limit = new CancellationTokenSource(QuestionLimit, _time);
            while (true)
            {
                if (ask() is { } answer) return answer;
                if (limit.IsCancellationRequested) return null;
                await changed.WaitAsync(QuestionLimit, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return ask();
        }
        finally
        {
            _state.Changed -= changed.Set;
            _ports.Storage.Changed -= changed.Set;
        }
    }

    [LoggerMessage(EventIds.DirectiveRejected, LogLevel.Error, "Rank {Rank} refused its copy of snapshot {Snapshot}: {Reason}")]
    private partial void LogRejected(Rank rank, SnapshotId snapshot, string reason);
}
