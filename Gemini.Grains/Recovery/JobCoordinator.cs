using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Gemini.Grains.Health;
using Gemini.Grains.Machines;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Recovery;

/// <summary>
/// Decides for the root agent: takes in what hosts and the cluster report, and decides what every host should do. Pure: no clock, no I/O, no Orleans;
/// the same observations in the same order give the same decisions.
/// </summary>
/// <remarks>
/// <para>An epoch has four steps. A <see cref="HostDirective"/> tells every host which step to carry out:</para>
/// <list type="number">
/// <item><b>Halt</b> (phases Halting, Replacing). Hosts stop training, raise the epoch floor of their memory and report which copies they hold
/// sealed. Positions of lost hosts go to standbys. When every position has a halted host, the coordinator makes a <see cref="RecoveryPlan"/>.</item>
/// <item><b>Prepare</b> (Preparing). Hosts create their segments, and fetch and verify the shards to load. Trainers come up.</item>
/// <item><b>Run</b> (Resuming, Running, Persisting). Trainers load and train. The job is Running after all trainers have finished an iteration. If
/// the job has storage, it is Persisting from its last iteration until its last snapshot is in storage.</item>
/// <item><b>Complete</b> (Completed). Trainers rest.</item>
/// </list>
/// <para>Any failure in any step raises the epoch and starts again at Halt; before Prepare, a lost host only changes the assignment. If all hosts are
/// told to stop, a last epoch ends in Prepare: the job is Persisting there, and no trainer loads. A job start uses the same steps with nothing to
/// restore. The restart of a whole cluster uses them with the copies that the segments hold. The record is written before a directive of a new epoch
/// or assignment is sent. So a coordinator that comes up after a crash (paper §3.2: a worker promoted to root) never repeats an epoch. If all hosts
/// already run the recorded epoch, it takes over and training is not disturbed (phase Forming → Running, or Resuming if the recovery had not ended).
/// Otherwise it starts the next epoch.</para>
/// <para>Everything is level-triggered: reports and directives carry the whole state and are ordered by version. So a message may be lost, late,
/// doubled or re-ordered.</para>
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
    private readonly DirectiveDesk _directives;

    /// <param name="job">The job, from the configuration of the root agent's own host. Used only while the record has no specification.</param>
    /// <param name="record">The record that an earlier root agent wrote. For a new job: a new record, with the run that would begin.</param>
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
        _directives = new DirectiveDesk(_state, _roster, _commits, _repair, _plans, _storage, _leaves);
    }

    /// <summary>Must be persisted after every change, before the decision that changed it is carried out.</summary>
    public RootRecord Record
    {
        get => _state.Record;
        private set => _state.Record = value;
    }

    public JobPhase Phase => Fault is null ? _state.Phase : JobPhase.Failed;

    /// <summary>
    /// Whether the root agent's own host has the wrong specification: the other hosts agree on another one. If that other specification is known, the
    /// record now contains it. This root agent must write the record and leave. It must not end any host.
    /// </summary>
    public bool IsOdd => _admission.IsOdd;

    /// <summary>Why the last evaluation failed; null if it succeeded. Every evaluation tries again, unless an invariant was violated.</summary>
    public Exception? Fault => _state.Fault;

    /// <summary>Why the job is in this phase, or what it waits for.</summary>
    public string Reason => Fault is { } fault
        ? $"the root agent could not decide: {fault.Message}"
        : _state.Phase == JobPhase.Replacing ? $"{_state.Reason}: {_machines.Describe()}{_repair.Describe()}" : _state.Reason;

    /// <summary>
    /// The shards that are missing, so that nothing can be restored; null unless that is why the phase is <see cref="JobPhase.Failed"/>.
    /// </summary>
    public MissingShards? Missing => Fault is null ? _state.Missing : null;

    /// <summary>
    /// Requests for the machines that are missing. The machine operator must work on every request in state <see cref="MachineRequestState.Asked"/>,
    /// until it has answered that request or the request is withdrawn.
    /// </summary>
    public ImmutableArray<MachineRequest> MachineRequests => _machines.Requests;

    /// <summary>Present hosts: their silo is not known to be dead.</summary>
    public IEnumerable<HostName> LiveHosts => _roster.Present.Select(host => host.Report.Host);

    /// <summary>Takes in a host's report.</summary>
    /// <returns>Whether it has to be decided on at once. If not, the next periodic evaluation is soon enough, see <see cref="ReportNews"/>.</returns>
    /// <exception cref="JobMismatchException">The host is configured for another job.</exception>
    /// <exception cref="HostNameTakenException">Another silo process elsewhere has the host's name.</exception>
    public bool Observe(HostReport report, long now)
    {
        if (!_admission.Observe(report, now)) return true;
        var host = _roster.Find(report.Host);
        var isUrgent = Phase != JobPhase.Running || host is not { IsPresent: true } || !ReportNews.IsOnlyProgress(host.Report, report);
        if (host is not null && report.Incarnation > host.Report.Incarnation) _standbys.ObserveRestart(report.Host);
        _roster.Observe(report, now);
        NoteChange(report.Host);
        // An earlier root agent of this epoch may have told a host of a commit, and this host's report may come late.
        var runs = report.Done.Epoch == Record.Epoch && report.Done.Step >= DirectiveStep.Run;
        if (runs && (_state.Phase == JobPhase.Forming || _state.Version.Step >= DirectiveStep.Run)) _commits.Learn(report.Committed);
        _progress.Observe(report);
        return isUrgent;
    }

    /// <summary>Takes in which silo processes are alive and dead: the whole membership of the cluster.</summary>
    /// <param name="members">The caller must not change this collection. The same collection again means that nothing has changed.</param>
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
    /// <returns>Whether all groups now have, so that hosts have to be told.</returns>
    public bool ObserveComplete(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        if (!_commits.ObserveComplete(group, epoch, snapshot, shards)) return false;
        _redundancy.ObserveCommit();
        if (snapshot == Record.Restore) return true;
        _timelines.Attempts.Succeed();
        _plans.ObserveCommit();
        return true;
    }

    /// <summary>Takes in that a rank took no snapshot of an iteration, so this iteration can never be committed.</summary>
    /// <returns>Whether that is news, so that hosts have to be told.</returns>
    public bool ObserveSkipped(Epoch epoch, Iteration iteration) => _commits.ObserveSkipped(epoch, iteration);

    /// <summary>Takes in the answer of the trainer at this address. <see cref="CoordinatorDecision.Ask"/> said to ask it.</summary>
    public void ObserveAnswer(string address, ProbeAnswer answer) => _suspicion.Probes.Observe(address, answer);

    /// <summary>Takes in the operator's answer to one attempt.</summary>
    public void ObserveMachine(HostName host, int attempt, MachineOutcome outcome, long now) => _machines.Observe(host, attempt, outcome, now);

    /// <summary>Takes in a line of text from the operator about one attempt.</summary>
    public void ObserveMachine(HostName host, int attempt, string line) => _machines.Observe(host, attempt, line);

    /// <summary>Decides. Call it after observations, and periodically for the rules that depend only on time.</summary>
    /// <exception cref="InvariantViolatedException">
    /// A mistake in this program. The state here is wrong, so nothing more is decided: every further call throws the same exception.
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
            // A defect, or an unexpected report. The root agent stays up: it answers calls, shows the error in the status, and tries again.
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

        // A silo that has carried out nothing yet is new. Perhaps the old root agent was on the silo before it. The new silo adopts its trainers, and
        // then this root agent sees whether they have failed. So such a silo does not prevent the takeover.
        var running = new DirectiveVersion(Record.Epoch, DirectiveStep.Run);
        var present = _roster.Assigned().Where(host => host.IsPresent).ToList();
        if (silent.Count == 0
            && FindWithNewerFloor() is null
            && present.Any(host => host.Report.Done >= running)
            && present.All(host => host.Report.Done >= running || host.Report.Done == default))
        {
            // Every present host runs the recorded epoch or has a new silo: this root agent takes over, and training is not disturbed.
            _state.Version = running;
            _state.RingEndpoints = _roster.RingEndpoints();
            if (_commits.Committed > Iteration.Zero) _redundancy.ObserveCommit();
            _state.Enter(_timelines.IsResumed ? JobPhase.Running : JobPhase.Resuming, "a new root agent has taken over");
        }
        else
        {
            _repair.IsRestart = present.TrueForAll(host => host.Report.Done == default);
            BeginEpoch("a new root agent has started, and not every host runs the recorded epoch", failure: null, now);
        }
    }

    /// <summary>Starts a job without a record: at its first start, or after its record was lost.</summary>
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
        BeginEpoch(formation.IsRebuilt ? "the record was lost; the job continues from the copies that its hosts hold" : "the job starts", failure: null, now);
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
