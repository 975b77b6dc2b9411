using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Gemini.Grains.Health;
using Gemini.Grains.Machines;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// The root agent's mind: takes in what hosts and the cluster say, and decides what every host should do. Pure: no clock, no
/// I/O, no Orleans; the same observations in the same order give the same decisions.
/// </summary>
/// <remarks>
/// <para>An epoch runs through four steps, and every host follows them by <see cref="HostDirective"/>s:</para>
/// <list type="number">
/// <item><b>Halt</b> (phases Halting, Replacing). Hosts stop the step, fence their memory and report what they hold sealed.
/// Positions of lost hosts go to standbys. When every position has a halted host, a <see cref="RecoveryPlan"/> is made.</item>
/// <item><b>Prepare</b> (Preparing). Hosts get their segments, fetch and verify what is to be loaded; trainers come up.</item>
/// <item><b>Run</b> (Resuming, Running). Trainers load and iterate. The epoch is Running once all finished an iteration.</item>
/// <item><b>Complete</b> (Persisting, Completed). The last snapshot is brought to storage, if there is one, and trainers rest.</item>
/// </list>
/// <para>Any failure in any step raises the epoch and starts again at Halt. A job start is the same with nothing to restore,
/// and so is the restart of a whole cluster. The record is written before a directive of a new epoch or assignment leaves, so
/// a coordinator that comes up after a crash (paper §3.2: a worker promoted to root) never repeats an epoch; if all hosts
/// already run the recorded epoch it takes over without disturbing them (phase Forming → Running), otherwise it starts the
/// next one.</para>
/// <para>Everything is level-triggered: reports and directives carry whole state and are ordered by version, so they may be
/// lost, late, doubled or re-ordered.</para>
/// </remarks>
public sealed partial class JobCoordinator
{
    private readonly JobState _state;
    private readonly HostRoster _roster;
    private readonly JobDomains _domains;
    private readonly JobAdmission _admission;
    private readonly TimelineKeeper _timelines;
    private readonly JobCommits _commits;
    private readonly JobProgress _progress;
    private readonly SuspicionWatch _suspicion;
    private readonly RedundancyWatch _redundancy;
    private readonly RepairDesk _repair;
    private readonly StandbyDesk _standbys;
    private readonly PlanDesk _plans;
    private readonly StorageDesk _storage;
    private readonly LeaveDesk _leaves;
    private readonly MachineDesk _machines;

    /// <param name="job">The job, as the root agent's own host is configured. It counts only while the record has no specification.</param>
    /// <param name="record">What an earlier root agent wrote; a new record for a new job, with the run that would begin.</param>
    /// <param name="options">Settings.</param>
    /// <param name="now">Unix milliseconds.</param>
    public JobCoordinator(JobSpec job, RootRecord record, CoordinatorOptions options, long now)
    {
        job = record.Spec ?? job;
        _state = new JobState(job, record, options, now);
        _roster = new HostRoster(_state);
        _domains = new JobDomains(_state, _roster);
        _admission = new JobAdmission(_state, _roster);
        _timelines = new TimelineKeeper(_state);
        _commits = new JobCommits(_state, _roster);
        _progress = new JobProgress(_state, _roster, _commits);
        _suspicion = new SuspicionWatch(_state, _roster, _progress);
        _redundancy = new RedundancyWatch(_state, _roster, _commits);
        _repair = new RepairDesk(_state, _roster, _domains);
        _standbys = new StandbyDesk(_state, _roster, _domains);
        _plans = new PlanDesk(_state, _roster, _commits, _standbys.Duties);
        _storage = new StorageDesk(_state, _roster, _commits, _progress);
        _leaves = new LeaveDesk(_state, _roster, _commits, _storage);
        _machines = new MachineDesk(_state, _roster);
    }

    /// <summary>To be persisted whenever it changed, before the decision that changed it is carried out.</summary>
    public RootRecord Record
    {
        get => _state.Record;
        private set => _state.Record = value;
    }

    public JobPhase Phase => Fault is null ? _state.Phase : JobPhase.Failed;

    /// <summary>
    /// Whether the root agent's own host is the odd one: the other hosts agree on another specification. The record has that one if
    /// it is known; this root agent must write it and leave, and end nobody.
    /// </summary>
    public bool IsOdd => _admission.IsOdd;

    /// <summary>Why the last evaluation could not be finished; null if it was. It is tried again at every evaluation.</summary>
    public Exception? Fault => _state.Fault;

    /// <summary>Why the job is in this phase, or what it waits for.</summary>
    public string Reason => Fault is { } fault
        ? $"the root agent could not decide: {fault.Message}"
        : _state.Phase == JobPhase.Replacing ? $"{_state.Reason}: {_machines.Describe()}{_repair.Describe()}" : _state.Reason;

    /// <summary>For lack of which shards nothing can be restored; null unless that is why the phase is <see cref="JobPhase.Failed"/>.</summary>
    public MissingShards? Missing => Fault is null ? _state.Missing : null;

    /// <summary>
    /// The machines that are missing. Those in state <see cref="MachineRequestState.Asked"/> are what the machine operator is to
    /// work on now, each until it has answered or is no longer asked for.
    /// </summary>
    public ImmutableArray<MachineRequest> MachineRequests => _machines.Requests;

    /// <summary>Hosts whose silo is not known to be dead.</summary>
    public IEnumerable<HostName> LiveHosts => _roster.Present.Select(host => host.Report.Host);

    /// <summary>Takes in what is, on one host.</summary>
    /// <exception cref="JobMismatchException">The host is configured for another job.</exception>
    /// <exception cref="HostNameTakenException">Another silo process elsewhere has the host's name.</exception>
    public void Observe(HostReport report, long now)
    {
        if (!_admission.Observe(report, now)) return;
        if (_roster.Find(report.Host) is { } host && report.Incarnation > host.Report.Incarnation) _standbys.ObserveRestart(report.Host);
        _roster.Observe(report, now);
        NoteChange(report.Host);
        // An earlier root agent of the epoch may have told a host. That host may be heard of late.
        var runs = report.Done.Epoch == Record.Epoch && report.Done.Step >= DirectiveStep.Run;
        if (runs && (_state.Phase == JobPhase.Forming || _state.Version.Step >= DirectiveStep.Run)) _commits.Learn(report.Committed);
        _progress.Observe(report);
    }

    /// <summary>Takes in which silo processes the cluster holds for alive and dead: all that it knows.</summary>
    /// <param name="members">Never changed by the caller. The same collection again says that nothing has changed.</param>
    /// <param name="now">Unix milliseconds.</param>
    public void Observe(IReadOnlyCollection<MemberView> members, long now)
    {
        foreach (var newest in _roster.Observe(members, now))
        {
            _admission.ObserveDead(newest);
            NoteChange(newest.Host);
        }
    }

    /// <summary>Takes in that a group has every replica of a snapshot.</summary>
    public void ObserveComplete(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        if (!_commits.ObserveComplete(group, epoch, snapshot, shards)) return;
        _redundancy.ObserveCommit();
        if (snapshot == Record.Restore) return;
        _timelines.Attempts.Succeed();
        _plans.ObserveCommit();
    }

    /// <summary>Takes in that a rank took no snapshot of an iteration, which can therefore never be committed.</summary>
    public void ObserveSkipped(Epoch epoch, Iteration iteration) => _commits.ObserveSkipped(epoch, iteration);

    /// <summary>Takes in what came of asking the trainer at this address, as <see cref="CoordinatorDecision.Ask"/> said.</summary>
    public void ObserveAnswer(string address, ProbeAnswer answer) => _suspicion.Probes.Observe(address, answer);

    /// <summary>Takes in what the operator answered to one attempt.</summary>
    public void ObserveMachine(HostName host, int attempt, MachineOutcome outcome, long now) => _machines.Observe(host, attempt, outcome, now);

    /// <summary>Takes in a line that the operator said about one attempt.</summary>
    public void ObserveMachine(HostName host, int attempt, string line) => _machines.Observe(host, attempt, line);

    /// <summary>Decides. To be called after observations, and now and then for the rules that depend on time alone.</summary>
    /// <exception cref="InvariantViolatedException">
    /// A mistake in this program. What is known here is wrong, so nothing more is decided: every further call throws the same.
    /// </exception>
    public CoordinatorDecision Evaluate(long now)
    {
        if (Fault is InvariantViolatedException violated) ExceptionDispatchInfo.Throw(violated);
        try
        {
            return Decide(now);
        }
        catch (InvariantViolatedException error)
        {
            _state.Fault = error;
            throw;
        }
    }

    private CoordinatorDecision Decide(long now)
    {
        var before = (_state.Version, _repair.Guests);
        _state.Fault = null;
        try
        {
            _standbys.Duties.Observe(now);
            StepUntilSteady(now);
        }
        catch (Exception error) when (error is not InvariantViolatedException)
        {
            // A defect, or a report that nobody thought of. The root agent lives on: it answers, says so, and tries again.
            _state.Fault = error;
            return CoordinatorDecision.None;
        }

        _machines.Evaluate(now);
        var persistChanged = _storage.Evaluate(now);
        _redundancy.Evaluate(now);
        var leaveChanged = _leaves.Evaluate(Reason, now);
        var directives = (_state.Version, _repair.Guests) == before && !persistChanged && !leaveChanged
            ? []
            : _roster.Present.Select(host => (host.Report.Host, DirectiveFor(host.Report.Host))).ToImmutableArray();
        var (commit, abandon) = _commits.TakeNews();
        return new CoordinatorDecision(directives, commit, abandon) { Ask = _suspicion.Probes.Evaluate(_suspicion.Hangs.SuspectedAt, now) };
    }

    private void NoteChange(HostName host)
    {
        var change = _roster.TakeChange(host);
        _redundancy.Observe(change);
        _repair.Observe(change);
    }

    private void StepUntilSteady(long now)
    {
        JobPhase phase;
        do
        {
            phase = _state.Phase;
            Step(now);
        }
        while (_state.Phase != phase);
    }

    private void Step(long now)
    {
        switch (_state.Phase)
        {
            case JobPhase.Forming:
                EvaluateForming(now);
                break;
            case JobPhase.Preparing:
            case JobPhase.Persisting when _state.Version.Step == DirectiveStep.Prepare:
            case JobPhase.Failed when _state.Version.Step == DirectiveStep.Prepare:
                EvaluatePreparing(now);
                break;
            case JobPhase.Halting or JobPhase.Replacing or JobPhase.Failed:
                EvaluateHalting(now);
                break;
            case JobPhase.Resuming or JobPhase.Running or JobPhase.Persisting:
                EvaluateRunning(now);
                break;
            case JobPhase.Completed:
                EvaluateCompleted(now);
                break;
            default:
                break;
        }
    }

    private void EvaluateForming(long now)
    {
        if (Record.Epoch == Epoch.Zero)
        {
            Form(now);
            return;
        }

        if (IsKnownToBeCompleted())
        {
            _state.Version = _state.Complete;
            _state.Enter(JobPhase.Completed, DescribeCompleted());
            return;
        }

        var silent = _roster.Unheard.ToList();
        if (silent.Count > 0 && now - _state.StartedAt < _state.Health.FormingLimit.TotalMilliseconds)
        {
            _state.Explain($"waiting for {string.Join(", ", silent)} to report");
            return;
        }

        // A silo that has done nothing yet came up with this root agent, perhaps because it was the old one's: it adopts its
        // trainers, and what is wrong with them is seen then.
        var running = new DirectiveVersion(Record.Epoch, DirectiveStep.Run);
        var present = _roster.Assigned().Where(host => host.IsPresent).ToList();
        if (silent.Count == 0
            && FindFenced() is null
            && present.Any(host => host.Report.Done >= running)
            && present.All(host => host.Report.Done >= running || host.Report.Done == default))
        {
            // Every live host runs the recorded epoch: this root agent takes over, and training does not notice.
            _state.Version = running;
            _state.RingEndpoints = _roster.RingEndpoints();
            if (_commits.Committed > Iteration.Zero) _redundancy.ObserveCommit();
            _state.Enter(_timelines.IsResumed ? JobPhase.Running : JobPhase.Resuming, "the root agent came up again");
        }
        else
        {
            _repair.IsRestart = present.TrueForAll(host => host.Report.Done == default);
            BeginEpoch("the root agent came up, and not every host runs the recorded epoch", failure: null, now);
        }
    }

    /// <summary>A job without a record: its first start, or its record was lost.</summary>
    private void Form(long now)
    {
        var isPatient = now - _state.StartedAt < _state.Health.FormingLimit.TotalMilliseconds;
        var present = _roster.Present.Select(host => host.Report).ToList();
        var formation = JobFormation.Decide(_state.Job, _domains.Arrangement, present, isPatient);
        if (!formation.IsComplete)
        {
            _admission.Evaluate(isPatient, now);
            _state.Explain($"{formation.Reason}{_admission.Describe()}");
            return;
        }

        if (formation.IsRebuilt) _commits.Learn(present.Max(report => report.Committed));
        Record = Record with
        {
            Spec = _state.Job,
            Run = formation.IsRebuilt ? formation.Run : Record.Run,
            IsRebuilt = formation.IsRebuilt,
            Assignment = formation.Assignment,
        };
        BeginEpoch(formation.IsRebuilt ? "the record was lost; the job goes on from what its hosts hold" : "the job starts", failure: null, now);
    }

    private void EvaluateRunning(long now)
    {
        if (_leaves.IsStopping && _state.Phase != JobPhase.Persisting)
        {
            BeginStop(now);
            return;
        }

        var trainers = _roster.Trainers();
        var pace = _progress.Pace();
        var isFinished = pace.Finished == trainers.Length;
        var unwell = _suspicion.Observe(now);
        var failure = _suspicion.Evaluate(unwell, now)
            ?? (isFinished ? _storage.FindMissedLast(now) : _suspicion.Hangs.Evaluate(pace, _timelines.Attempts.WaitFor(_standbys.Duties.Elapsed) == 0, now));
        if (failure is not null)
        {
            TryBeginEpoch(failure, now);
            return;
        }

        if (isFinished)
        {
            StampResumed(now);
            EvaluateFinished();
        }
        else if (_state.Phase == JobPhase.Resuming)
        {
            EvaluateResuming(trainers, now);
        }
        else
        {
            _state.Explain(SuspicionWatch.Describe(unwell));
            var stopped = _commits.Evaluate(pace, _suspicion.Hangs.SeesSteps, _progress.IterationMilliseconds, now);
            if (stopped is not null) BeginEpoch(stopped.Reason, stopped, now);
        }
    }

    private void EvaluateResuming(TrainerReport?[] trainers, long now)
    {
        var from = Record.Restore?.Iteration ?? default;
        bool Loaded(TrainerReport? trainer) =>
            trainer is not null && trainer.Epoch == Record.Epoch && trainer.State is TrainerState.Training or TrainerState.Finished;

        _state.Explain(_suspicion.Hangs.DescribeResuming());
        if (!Array.TrueForAll(trainers, Loaded)) return;
        _timelines.StampLoaded(now);
        if (trainers.Any(trainer => trainer!.Iteration <= from && trainer.State != TrainerState.Finished)) return;
        StampResumed(now);
        _state.Enter(JobPhase.Running, "");
    }

    private void StampResumed(long now) => _timelines.StampResumed(_roster.Assigned().SelectMany(host => host.Report.Restored), now);
}
