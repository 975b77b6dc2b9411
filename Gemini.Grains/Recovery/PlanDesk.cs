using System.Collections.Immutable;
using Gemini.Interfaces;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Chooses what a halted job resumes from: host memory; or storage, if memory has lost the newest commit and storage has a newer snapshot; or else
/// the beginning. Remembers the plan of the epoch, and the hosts that a plan must not rely on. Pure.
/// </summary>
internal sealed class PlanDesk(JobState state, HostRoster roster, JobCommits commits, DutyWatch duties)
{
    /// <summary>
    /// Copies that plans wanted from hosts that had not halted, and each attempt that did not get them. Cleared when something new is committed.
    /// </summary>
    private readonly Dictionary<(HostName Source, Rank Owner, SnapshotId Snapshot), HashSet<(HostName Fetcher, Epoch Epoch)>> _undelivered = [];

    private RecoveryPlan? _plan;
    private (RecoveryPlan Plan, ILookup<HostName, Rank> ByHost)? _served;

    /// <summary>An epoch begins: it has no plan yet.</summary>
    public void BeginEpoch() => _plan = null;

    /// <summary>Something new was committed, so the newest plan has worked.</summary>
    public void ObserveCommit() => _undelivered.Clear();

    /// <summary>
    /// Takes in that these hosts could not carry out the plan. Either one of them is the cause, or one of its sources that never halted:
    /// <see cref="IsUndelivered"/> decides. May be called more than once for an attempt.
    /// </summary>
    public void ObserveRejection(IEnumerable<HostName> rejecting)
    {
        if (_plan is not { Restore: { } snapshot } plan) return;
        var unfetched =
            from fetcher in rejecting
            let position = roster.PositionOf(fetcher)
            where position is not null
            from rank in state.Job.RanksOf(position.Value)
            from source in plan.Shards[rank.Value].Sources
            where roster[source].Report.Done < state.Halt
            select (Copy: (source, rank, snapshot), Fetcher: fetcher);
        foreach (var (copy, fetcher) in unfetched)
        {
            if (!_undelivered.TryGetValue(copy, out var attempts)) _undelivered[copy] = attempts = [];
            attempts.Add((fetcher, state.Version.Epoch));
        }
    }

    /// <summary>Looks for the best plan. Call this only if every position has a host that halted.</summary>
    public PlanChoice Evaluate(long now)
    {
        Invariant.Check(state.Version.Step == DirectiveStep.Halt, $"a plan is made while the directive is {state.Version}");
        Invariant.Check(!roster.AnyIsAbsent, "a plan is made while a position has no host");
        var choice = FromMemory(Inventories(host => host.Report.Done >= state.Version));
        var late = MayStillBring(now);
        if (IsBehindCommit(choice.Plan)) choice = WithUnhalted(choice, isWaitOver: late.Length == 0);
        if (IsBehindCommit(choice.Plan) && late.Length > 0)
            return PlanChoice.Wait($"{choice.Reason}; waiting for {late}, whose memory may have a newer snapshot");
        return FromStorage(choice, isWaitOver: IsGraceOver(now));
    }

    /// <summary>Makes this the plan of the epoch, without sources that have no room to keep their copies. Returns the plan without them.</summary>
    public RecoveryPlan Accept(RecoveryPlan plan, ImmutableArray<long> shardBytes)
    {
        var rooms = roster.Assigned().Where(host => host.IsPresent)
            .Select(host => (host.Report.Host, roster.PositionOf(host)!.Value, host.Report.RoomBytes));
        _plan = new PositionMemory(state.Job, state.Placement, shardBytes).Fit(plan, rooms);
        Check(_plan);
        duties.ObservePlan(_plan);
        return _plan;
    }

    /// <summary>The plan of the epoch; null before there is one.</summary>
    public RecoveryPlan? Current => _plan;

    /// <summary>The shard that a rank loads; null: nothing to load, or no plan.</summary>
    public ShardRecovery? ShardOf(Rank rank) => _plan is { Restore: not null } plan ? plan.Shards[rank.Value] : null;

    /// <summary>The shards to load are in storage and not in host memory.</summary>
    public bool IsFromStorage => _plan?.Source == CopySource.Storage;

    /// <summary>The ranks of other positions whose copies the plan may take from this host.</summary>
    public ImmutableArray<Rank> KeptBy(HostName host, HostPosition position) =>
        _plan is { } plan ? duties.Memory.KeptBy(position, Served(plan)[host]) : [];

    /// <summary>Checks that the plan has one snapshot for all ranks, and that storage or a present host has every shard.</summary>
    private void Check(RecoveryPlan plan)
    {
        Invariant.Check(plan.Shards.Length == (plan.Restore is null ? 0 : state.Job.WorldSize), $"a plan of {plan.Shards.Length} shards");
        Invariant.Check(plan.Restore is null == (plan.Source == CopySource.None), $"a plan that resumes from {plan.Restore} out of {plan.Source}");
        for (var rank = 0; rank < plan.Shards.Length; rank++)
        {
            var (replica, sources) = plan.Shards[rank];
            Invariant.Check(replica.Owner.Value == rank, $"the plan has the shard of rank {replica.Owner} for rank {rank}");
            Invariant.Check(replica.Snapshot == plan.Restore, $"the plan resumes from {plan.Restore}, and rank {rank} from {replica.Snapshot}");
            Invariant.Check(
                sources.IsEmpty == (plan.Source == CopySource.Storage), $"the plan takes rank {rank} from {sources.Length} hosts and {plan.Source}");
            foreach (var source in sources)
                Invariant.Check(roster.IsPresent(source), $"the plan takes the shard of rank {rank} from {source}, which is not present");
        }
    }

    /// <summary>The ranks whose copies the plan may take from each host. Every directive reads this, so it is computed once for each plan.</summary>
    private ILookup<HostName, Rank> Served(RecoveryPlan plan)
    {
        if (_served is not { } known || known.Plan != plan) _served = known = (plan, PositionMemory.ServedBy(plan));
        return known.ByHost;
    }

    private Dictionary<HostName, ImmutableArray<Replica>> Inventories(Func<HostView, bool> isSource) =>
        roster.Present.Where(isSource).ToDictionary(host => host.Report.Host, CopiesOf);

    /// <summary>A host that has halted reports what it has now. The report of any other host may be old.</summary>
    private ImmutableArray<Replica> CopiesOf(HostView host) => host.Report.Done >= state.Version
        ? host.Report.Replicas
        : host.Report.Replicas.RemoveAll(copy => IsUndelivered(host.Report.Host, copy));

    /// <summary>
    /// Whether plans do without this copy from now on, because two hosts could not get it. A single host may fail because of itself. Then it loses its
    /// position to a standby after <see cref="Health.HealthOptions.CulpritAttempts"/> attempts, and the standby tries. If there is no standby, one more
    /// failure by the same host counts. Other copies of the source are not affected: perhaps only one of them is bad.
    /// </summary>
    private bool IsUndelivered(HostName source, Replica copy) => _undelivered.TryGetValue((source, copy.Owner, copy.Snapshot), out var attempts)
        && (attempts.Count > state.Health.CulpritAttempts || attempts.Select(attempt => attempt.Fetcher).Distinct().Count() > 1);

    /// <summary>The plan from host memory. If a recovery does not use host memory, nothing there counts, and only persisted snapshots are committed.</summary>
    private PlanChoice FromMemory(Dictionary<HostName, ImmutableArray<Replica>> inventories)
    {
        Iteration? known = IsCommitUnknown ? null : commits.Committed;
        var (plan, reason, missing) = RecoveryPlanner.Plan(
            state.Job,
            [.. state.Record.Assignment.Select(host => host!.Value)],
            state.RecoversFromMemory ? inventories : [],
            state.RecoversFromMemory ? known : state.Record.Persisted?.Iteration ?? default);
        return new PlanChoice(plan, reason, missing);
    }

    /// <summary>
    /// A host without a position may be unable to halt, or may not have halted within the grace. Such a host still serves the copies that it
    /// reported, and every fetched copy is checked against its hash. So using them is better than going back behind a commit, or further behind it.
    /// If a copy cannot be fetched, later plans do without it (<see cref="IsUndelivered"/>).
    /// </summary>
    private PlanChoice WithUnhalted(PlanChoice halted, bool isWaitOver)
    {
        var wider = FromMemory(Inventories(host => host.Report.Done >= state.Version || IsUnhaltedSource(host, isWaitOver)));
        var isFurther = wider.Plan?.Restore is { } restored && (halted.Plan?.Restore is not { } narrower || restored.Iteration > narrower.Iteration);
        return isFurther ? wider : halted;
    }

    private bool IsUnhaltedSource(HostView host, bool isWaitOver) => roster.PositionOf(host) is null
        && (isWaitOver || duties.WhyUnable(host) is not null);

    /// <summary>
    /// Whether this plan would take the job back behind a commit. If the record was lost, nobody knows the newest commit; then only a plan without a
    /// snapshot counts as behind it. Always false if a recovery does not use host memory: there is none to wait for.
    /// </summary>
    private bool IsBehindCommit(RecoveryPlan? plan) =>
        state.RecoversFromMemory
        && (IsCommitUnknown || commits.Committed > Iteration.Zero)
        && (plan?.Restore is not { } restored || restored.Iteration < commits.Committed);

    private bool IsCommitUnknown => state.Record.IsRebuilt && commits.Committed == Iteration.Zero;

    /// <summary>
    /// Hosts whose memory is not in the inventories yet, but may be soon: a host whose silo is away and that is not known to have failed, or a host
    /// that has not halted or not reported yet. The job waits for them for <see cref="Health.HealthOptions.SiloGrace"/>. That costs seconds, while
    /// going back to storage costs hours.
    /// </summary>
    private string MayStillBring(long now)
    {
        if (IsGraceOver(now)) return "";
        bool MayStill(HostView host) => host.LostAt is { } lostAt
            ? !host.IsGivenUp && now - lostAt <= state.Health.SiloGrace.TotalMilliseconds
            : host.Report.Done < state.Version;
        return string.Join(", ", roster.All.Where(MayStill).Select(host => host.Report.Host).Concat(roster.Unheard));
    }

    /// <summary>
    /// Whether <see cref="Health.HealthOptions.SiloGrace"/> has passed since every host of the job halted. True if no recovery is open.
    /// </summary>
    private bool IsGraceOver(long now) =>
        state.Record.Recoveries is not [.., { ResumedAt: 0, DecidedAt: var decidedAt }] || now - decidedAt > state.Health.SiloGrace.TotalMilliseconds;

    /// <summary>
    /// The plan if host memory has no whole snapshot, or none as new as the commit. A job that lost all its memory and its record also resumes from
    /// storage. If memory has a snapshot, the job waits for storage only during the grace, because a store may hang.
    /// </summary>
    private PlanChoice FromStorage(PlanChoice memory, bool isWaitOver)
    {
        var inMemory = memory.Plan?.Restore;
        if (state.Job.Storage is null || (inMemory is not null && !IsBehindCommit(memory.Plan))) return memory;
        var storage = StoragePlanner.Plan(state.Job, [.. roster.Assigned().Select(host => host.Report)], state.Record.Epoch);
        if (storage.Finding == StorageFinding.Waiting && !(inMemory is not null && isWaitOver)) return PlanChoice.Wait(storage.Reason);
        if (storage.Plan?.Restore is { } stored && !(inMemory?.Iteration >= stored.Iteration))
        {
            var whole = inMemory is { } older ? $"the newest snapshot that is whole in host memory is {older}" : "no snapshot is whole in host memory";
            return memory with { Plan = storage.Plan, Reason = $"{whole}; {storage.Reason}" };
        }

        if (inMemory is not null) return memory;
        if (state.Record.Persisted is not null) state.Record = state.Record with { Persisted = null };
        if (memory.Plan is null || storage.Finding == StorageFinding.Empty) return memory with { Reason = $"{memory.Reason}; {storage.Reason}" };
        return memory with
        {
            Plan = null,
            Reason = $"the job does not start from the beginning, because {storage.Reason}; repair the storage, or move its content away to begin anew",
        };
    }
}
