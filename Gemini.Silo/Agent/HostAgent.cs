using Gemini.Grains.Hosting;
using Gemini.Grains.Hosts;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Agent;

/// <summary>
/// The worker agent of this host (paper §3.2), behind its grain: takes directives, serves trainers, and runs the loops
/// (<see cref="HostLoop"/>) that report to the root agent, announce replicas, carry out directives and do what else a host does again and
/// again. No failure of one attempt ends a loop; a loop that ends all the same ends the host, with a line that says why.
/// </summary>
/// <remarks>
/// What survives what: a trainer's death touches nothing here; the silo's death loses only what is in this process, and the
/// next silo has it back from the segment headers, the trainers' hellos and the root agent's directive; the host's death
/// loses the segments, which peers hold too.
/// </remarks>
internal sealed partial class HostAgent : IHostRuntime
{
    /// <summary>How long a trainer's question is held open for an answer; the trainer then simply asks again.</summary>
    private static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(2);

    private readonly JobSpec _job;
    private readonly HostIdentity _identity;
    private readonly HostState _state;
    private readonly HostMemory _memory;
    private readonly TrainerSupervisor _trainers;
    private readonly Replicator _replicator;
    private readonly DirectiveRunner _runner;
    private readonly RootReporter _reporter;
    private readonly ReplicaAnnouncer _announcer;
    private readonly HostStorage _storage;
    private readonly GuestKeeper _guests;
    private readonly Scrubber _scrubber;
    private readonly RestoreLog _restores;
    private readonly FolderWatch _folder;
    private readonly IClusterMembershipService _membership;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger<HostAgent> _logger;
    private readonly Signal _reportDue;
    private long _sequence;
    private Iteration _abandonedByDirective;

    public HostAgent(
        JobSpec job, HostIdentity identity, HostState state, HostMemory memory, TrainerSupervisor trainers, Replicator replicator,
        DirectiveRunner runner, RootReporter reporter, ReplicaAnnouncer announcer, HostStorage storage, GuestKeeper guests, Scrubber scrubber,
        RestoreLog restores, FolderWatch folder,
        IClusterMembershipService membership, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HostAgent> logger)
    {
        _job = job;
        _identity = identity;
        _state = state;
        _memory = memory;
        _trainers = trainers;
        _replicator = replicator;
        _runner = runner;
        _reporter = reporter;
        _announcer = announcer;
        _storage = storage;
        _guests = guests;
        _scrubber = scrubber;
        _restores = restores;
        _folder = folder;
        _membership = membership;
        _lifetime = lifetime;
        _time = time;
        _logger = logger;
        _reportDue = new Signal(time);
        _state.Changed += _reportDue.Set;
        _trainers.Changed += _reportDue.Set;
        _trainers.Capturing += (rank, snapshot, _) => _replicator.Offer(rank, snapshot);
        _memory.Sealed += _ => _announcer.Announce();
        _memory.Damaged += _reportDue.Set;
        _storage.Changed += _reportDue.Set;
        _guests.Changed += _reportDue.Set;
        _replicator.Changed += _reportDue.Set;
        _folder.Changed += _reportDue.Set;
        _scrubber.Changed += _reportDue.Set;
    }

    public HostName Host => _identity.Name;

    /// <summary>Why this host could not go on, or null.</summary>
    public HostLoopEnd? End { get; private set; }

    public HostReport Direct(HostDirective directive)
    {
        Take(directive);
        return Report();
    }

    public void Commit(Epoch epoch, Iteration iteration)
    {
        if (!_state.Commit(epoch, iteration)) return;
        _trainers.PushCommitted(epoch, iteration);
        _storage.Wake();
        _guests.Wake();
    }

    public void Abandon(Epoch epoch, Iteration iteration)
    {
        // The root agent says it again when a rank is seen to wait for it; then it is passed on again, too.
        if (!_state.MayBeAbandoned(epoch, iteration)) return;
        _replicator.Withdraw(new SnapshotId(iteration, epoch));
        _trainers.PushAbandoned(epoch, iteration);
    }

    public Task<TrainerMembership?> JoinAsync(int localIndex) => AskAsync(() =>
    {
        if (_state.Directive.Position is not { } position) return null;
        _trainers.SetPosition(position);
        var rank = _job.RankOf(position, localIndex);
        _trainers.MarkJoined(rank);
        return new TrainerMembership(rank, _job.WorldSize, _job, Host);
    });

    public void DeclareShard(Rank rank, long payloadBytes)
    {
        _trainers.MarkDeclared(rank, payloadBytes);
        _reportDue.Set();
    }

    public Task<RestorePoint?> GetRestorePointAsync(Rank rank, Epoch after)
    {
        _trainers.MarkAsking(rank);
        return AskAsync(() => HandRestorePoint(rank, after));
    }

    private RestorePoint? HandRestorePoint(Rank rank, Epoch after)
    {
        var processId = _trainers.ProcessIdOf(rank);
        if (_state.HandRestorePoint(rank, after, processId) is not { } point) return null;
        _trainers.MarkLoading(rank, point.Epoch);
        _state.MarkLoading(rank, point.Epoch);
        _restores.Loading(rank, point.Epoch);
        _runner.Wake(newEpoch: false);
        return point;
    }

    public void Loaded(Rank rank, Epoch epoch)
    {
        // Before the trainer counts as loaded, so that the report which says so has the time it took.
        _restores.Loaded(rank, epoch);
        if (epoch == _state.Directive.Version.Epoch) _trainers.MarkLoaded(rank, epoch, _state.Directive.Restore?.Iteration ?? default);
    }

    public bool RejectCopy(Rank rank, Epoch epoch, SnapshotId snapshot, string reason)
    {
        LogRejected(rank, snapshot, reason);
        var shard = _state.Directive is { } directive && directive.Restore == snapshot
            ? directive.Own.FirstOrDefault(shard => shard.Owner == rank)
            : null;
        var isWhole = shard?.Hash is { } hash && _memory.Verify(rank, snapshot, hash, out _);
        // What is whole is of another training state: every copy of it is, and giving it up would lose a job for a wrong option.
        if (isWhole && !shard!.InStorage) return false;
        _memory.Quarantine(rank, snapshot, reason);
        // What no longer matches its hash has changed here, and is read again; what matches and is refused is no better in storage.
        if (isWhole) _storage.Refuse(snapshot, reason);
        _state.MarkNeedsNewPlan(epoch, $"rank {rank} refused its copy of snapshot {snapshot}: {reason}");
        return true;
    }

    public void Seal(Rank rank, SnapshotId snapshot, ContentHash hash)
    {
        if (snapshot.Epoch != _state.Directive.Version.Epoch) return;
        _trainers.MarkCaptured(rank, snapshot.Iteration);
        // Known already, unless the capture began before this silo did.
        _replicator.Offer(rank, snapshot);
        _announcer.Announce();
        _storage.Wake();
    }

    public void Skip(Rank rank, SnapshotId snapshot)
    {
        if (snapshot.Epoch != _state.Directive.Version.Epoch) return;
        _trainers.MarkSkipped(rank);
        _announcer.AnnounceSkip(snapshot);
    }

    public async Task<bool> StagedAsync(SnapshotId snapshot) => await AskAsync(() => HoldsUp(snapshot) ? null : snapshot.ToString()) is not null;

    private bool HoldsUp(SnapshotId snapshot) => _state.Directive.Version.Epoch == snapshot.Epoch
        && _state.Directive.Persist?.Snapshot == snapshot
        && (_storage.PersistReport is not { Stage: not PersistStage.Waiting } report || report.Snapshot != snapshot);

    /// <summary>Runs until cancelled, or until this host cannot take part; then it stops the program.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        if (await HostLoop.RunAsync(Loops(), _time, _logger, ct) is not { } end) return;
        LogFatal(end.Reason);
        End = end;
        _lifetime.StopApplication();
    }

    private IEnumerable<HostLoop> Loops() =>
    [
        new("Carrying out directives", _runner.CarryOutAsync) { Failed = _runner.OnFailed, Pause = DirectiveRunner.RetryDelay },
        new("Announcing replicas to the checkpoint group", _announcer.AnnounceAsync),
        new("Reporting to the root agent", ct => _reporter.ReportAsync(Report, Take, _reportDue, ct)) { Pause = RootReporter.RetryDelay },
        new("Taking in guests", _guests.TakeInAsync),
        new("The scrub of host memory", _scrubber.ScrubAsync),
        new("The watch over the host's folder", _folder.LookAsync),
        new("Following the cluster's membership", ReportOnMembershipChangeAsync),
        .. _storage.Loops,
    ];

    /// <summary>
    /// A host has come or gone. The report that follows makes the root agent look at it at once, and brings up a new root
    /// agent when it was the old one's host.
    /// </summary>
    private async Task ReportOnMembershipChangeAsync(CancellationToken ct)
    {
        await foreach (var _ in _membership.MembershipUpdates.WithCancellation(ct)) _reportDue.Set();
        throw new InvalidOperationException("the membership's updates have ended");
    }

    private void Take(HostDirective directive)
    {
        // For the other silo of this name. One of the two is about to be told that the name is taken.
        if (directive.Incarnation != 0 && directive.Incarnation != _identity.Incarnation) return;
        var epochBefore = _state.Directive.Version.Epoch;
        var isNew = _state.Take(directive);
        if (isNew) _runner.Wake(newEpoch: directive.Version.Epoch > epochBefore);
        if (directive.Version < _state.Directive.Version) return;
        Commit(directive.Version.Epoch, directive.Committed);
        // No news to a silo that came up in the middle of the epoch, but perhaps to its trainers: they were without a silo.
        if (isNew && directive.Version.Step >= DirectiveStep.Run) _trainers.PushCommitted(directive.Version.Epoch, _state.Committed);
        if (directive.Abandoned != _abandonedByDirective) Abandon(directive.Version.Epoch, directive.Abandoned);
        _abandonedByDirective = directive.Abandoned;
        // What was captured in an earlier epoch, trainers of this one do not wait for.
        if (directive.Persisted is { } persisted && persisted.Epoch == directive.Version.Epoch) _trainers.PushPersisted(persisted.Epoch, persisted.Iteration);
        _storage.Wake();
        _guests.Wake();
    }

    private HostReport Report()
    {
        var (damages, damageCount) = _memory.Damages;
        return ReportWith(damages.Select(damage => new QuarantinedCopy(Host, damage.Owner, damage.Snapshot, damage.Reason)), damageCount);
    }

    private HostReport ReportWith(IEnumerable<QuarantinedCopy> quarantined, int quarantinedCount) => new()
    {
        Host = Host,
        Incarnation = _identity.Incarnation,
        Sequence = Interlocked.Increment(ref _sequence),
        SpecFingerprint = _job.Fingerprint(),
        DataEndpoint = _identity.DataEndpoint,
        WebEndpoint = _identity.WebEndpoint,
        SiloProcessId = Environment.ProcessId,
        // Before the trainers, who may be further by then but never less far.
        Done = _state.Done,
        NeedsNewPlan = _state.NeedsNewPlan,
        Fence = _state.Directive.Version.Epoch,
        NewPlanReason = _state.NewPlanReason,
        Problem = _state.Problem ?? _trainers.Problem,
        Trainers = _trainers.Reports,
        Replicas = _memory.Inventory(),
        Run = _memory.Run,
        Leftovers = _memory.Leftovers,
        Position = _state.Directive.Position,
        Spec = _state.Directive.Version.Epoch == Epoch.Zero ? _job : null,
        Committed = _state.Committed,
        MemoryBytes = _memory.MemoryBytes + _storage.StagedBytes,
        RoomBytes = _memory.RoomBytes(_storage.StagedBytes),
        Persist = _storage.PersistReport,
        Store = _storage.StoreReport,
        Quarantined = [.. quarantined],
        QuarantinedCount = quarantinedCount,
        Scrub = _scrubber.Report,
        GuestsRefused = _guests.Refused,
        Labels = _identity.Labels,
        Restored = _restores.Entries,
        IsLeaving = _state.IsLeaving,
        ReplicationProblems = _replicator.Problems,
        MemoryWarning = _memory.Warning,
        TrainerWarning = _trainers.Warning,
    };

    /// <summary>Asks again at every change until there is an answer or the time is over.</summary>
    private async Task<T?> AskAsync<T>(Func<T?> ask)
        where T : class
    {
        var changed = new Signal(_time);
        _state.Changed += changed.Set;
        _storage.Changed += changed.Set;
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
            _storage.Changed -= changed.Set;
        }
    }

    [LoggerMessage(3230, LogLevel.Error, "Rank {Rank} refused its copy of snapshot {Snapshot}: {Reason}")]
    private partial void LogRejected(Rank rank, SnapshotId snapshot, string reason);

    [LoggerMessage(3231, LogLevel.Critical, "This host cannot take part: {Error}")]
    private partial void LogFatal(string error);
}
