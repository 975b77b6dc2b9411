using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Hosting;
using Gemini.Grains.Machines;
using Gemini.Grains.Placement;
using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;

namespace Gemini.Grains.Root;

/// <summary>
/// The root agent: gathers for the <see cref="JobCoordinator"/>, calls it, and applies what it decides. The record is written
/// before a directive leaves; an overtaken activation fails at that write, deactivates, and has told nobody anything.
/// </summary>
[RandomPlacement, KeepAlive, Immovable, Reentrant]
public sealed partial class RootAgent(
    [PersistentState(RootAgent.RecordName, GeminiGrains.RecordStorage)] IPersistentState<RootRecord> state,
    [PersistentState(RootAgent.RecordName, GeminiGrains.RecordStorage)] IPersistentState<RootRecord> stored,
    JobSpec job,
    IClusterMembershipService membership,
    ILocalSiloDetails silo,
    TimeProvider time,
    ITrainerProbe probe,
    IOptions<CoordinatorOptions> options,
    DirectoryEntries entries,
    ILogger<RootAgent> logger,
    IMachineOperator? machines = null) : Grain, IRootAgent
{
    /// <summary>The name of its state in grain storage.</summary>
    public const string RecordName = "root";

    /// <summary>How often the rules that depend on time alone are looked at; a tenth of the shortest of them.</summary>
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>How long an activation that was overtaken answers before it notices.</summary>
    private static readonly TimeSpan RecordCheckPeriod = TimeSpan.FromSeconds(1);

    /// <summary>A ledger is in memory; a group that takes longer is moving to another silo.</summary>
    private static readonly TimeSpan LedgerLimit = TimeSpan.FromSeconds(1);

    private readonly SteadyClock _clock = new(time);
    private JobCoordinator _coordinator = null!;
    private RootRecord _persisted = null!;
    private Task _evaluation = Task.CompletedTask;
    private bool _again;
    private bool _isOvertaken;
    private (ClusterMembershipSnapshot? Of, List<MemberView> Views) _members = (null, []);
    private JobLog _log = null!;
    private readonly FailureChange _writing = new();
    private readonly FailureChange _reading = new();

    /// <summary>The identity of a job's root agent in the cluster and in grain storage.</summary>
    public static GrainId GrainIdOf(string job) => GrainId.Create("rootagent", job);

    private long Now => _clock.Now;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        RefuseOnOddHost();
        if (state.State.Run.IsUnknown) state.State = state.State with { Run = JobRun.Begin(job, time.GetUtcNow()) };
        // A record of an earlier version of this program has an epoch and no specification.
        if (state.State is { Spec: null, Epoch.Value: > 0 }) state.State = state.State with { Spec = job };
        _persisted = state.State;
        _coordinator = new JobCoordinator(job, state.State, options.Value, Now);
        _log = new JobLog(state.State, Now);
        // A write by this activation turns an older one that still runs somewhere into one that fails at its next write.
        await state.WriteStateAsync(cancellationToken);
        LogActivated(job.Name, silo.Name, _persisted.Epoch);
        if (PlacementReport.SingleCopyWarning(job.Replicas) is { } warning) LogSingleCopy(warning);
        Every(TickPeriod, TickAsync);
        Every(RecordCheckPeriod, CheckNotOvertakenAsync);
        entries.Add(GrainContext);
    }

    /// <summary>
    /// A host whose specification is not the job's must not decide for the others. The call that brought this activation up fails,
    /// and its caller tries again: the next one comes up on any host.
    /// </summary>
    private void RefuseOnOddHost()
    {
        if (state.State.Spec is not { } recorded || recorded.Fingerprint() == job.Fingerprint()) return;
        var differences = SpecDifference.Describe(
            recorded.DifferencesTo(job).Where(difference => difference.MustAgree), "in the job's record", $"on host {silo.Name}");
        LogOddHost(job.Name, silo.Name, differences);
        throw new InvalidOperationException($"The root agent of {job.Name} does not come up on host {silo.Name}: {differences}.");
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        entries.Remove(GrainContext);
        GiveMachinesUp();
        return Task.CompletedTask;
    }

    public async Task<HostDirective> ReportAsync(HostReport report)
    {
        _coordinator.Observe(report, Now);
        await EvaluateAsync();
        return _coordinator.DirectiveFor(report.Host);
    }

    public Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        _coordinator.ObserveComplete(group, epoch, snapshot, shards);
        return EvaluateAsync();
    }

    public Task GroupSkippedAsync(int group, Epoch epoch, Iteration iteration)
    {
        _coordinator.ObserveSkipped(epoch, iteration);
        return EvaluateAsync();
    }

    public async Task<CommitRecord> GetCommitRecordAsync()
    {
        var committed = _coordinator.Committed;
        var groups = Enumerable.Range(0, JobPlacement.PlanOf(job).Groups.Length).Select(AskGroupAsync);
        return _coordinator.CommitRecord(committed, [.. await Task.WhenAll(groups)]);
    }

    public Task<JobSpec?> GetSpecAsync() => Task.FromResult(_coordinator.Record.Spec);

    public Task<JobStatus> GetStatusAsync() => Task.FromResult(_coordinator.Status(new HostName(silo.Name), Now));

    /// <summary>
    /// Runs one evaluation at a time; whoever comes while one runs waits for one more, and for the write of whatever was
    /// decided meanwhile. So a caller that returns from here reads decisions that are persisted.
    /// </summary>
    private async Task EvaluateAsync()
    {
        _again = true;
        while (_again || !ReferenceEquals(_coordinator.Record, _persisted))
        {
            if (_evaluation.IsCompleted) _evaluation = EvaluateOnceAsync();
            await _evaluation;
        }
    }

    private async Task EvaluateOnceAsync()
    {
        _again = false;
        _coordinator.Observe(Members(), Now);
        ObserveMachineLines();
        var decision = _coordinator.Evaluate(Now);
        await PersistAsync();
        LogWhatIsNew();
        await RootMoments.ReachAsync(decision);
        foreach (var address in decision.Ask) AskAsync(address).Ignore();
        foreach (var (host, directive) in decision.Directives) SendDirectiveAsync(host, directive).Ignore();
        if (decision.Commit is { } committed) Tell(agent => agent.CommitAsync(_coordinator.Record.Epoch, committed));
        foreach (var abandoned in decision.Abandon) Tell(agent => agent.AbandonAsync(_coordinator.Record.Epoch, abandoned));
        WorkOnMachines();
        if (_coordinator.IsOdd) DeactivateOnIdle();
    }

    /// <summary>Whoever reports hears of a failure himself. Here nobody does: it is said once, however long the store is away.</summary>
    private async Task TickAsync()
    {
        try
        {
            await EvaluateAsync();
            if (_writing.Ends()) LogWorksAgain();
        }
        catch (InvariantViolatedException violated)
        {
            LogViolated(violated);
            DeactivateOnIdle();
        }
        catch (Exception error)
        {
            if (_writing.IsNews(error)) LogNotEvaluated(error.Message);
        }
    }

    /// <summary>
    /// While membership changes, a second activation can come up beside this one. Whoever wrote the record last is the root
    /// agent; the other would fail at its next write, but it might have none for long. Nothing waits for this: a store that is away
    /// must hold up no commit. So it reads into a state of its own, and leaves the one that is written alone.
    /// </summary>
    private async Task CheckNotOvertakenAsync()
    {
        if (!_evaluation.IsCompleted) return;
        var etag = state.Etag;
        try
        {
            await stored.ReadStateAsync();
        }
        catch (Exception error)
        {
            // Without the store nothing new can be decided anyway, and nobody else can have been.
            if (_reading.IsNews(error)) LogRecordNotRead(error.Message);
            return;
        }

        if (_reading.Ends()) LogRecordReadAgain();

        // The other's, and not a write of this one meanwhile: it writes only while it evaluates.
        if (!_evaluation.IsCompleted || state.Etag != etag || stored.Etag == etag) return;
        if (IsLost(stored))
        {
            // In the place of an evaluation, so that none writes meanwhile.
            await (_evaluation = WriteAgainAsync());
            return;
        }

        LogOvertaken(job.Name, silo.Name);
        DeactivateOnIdle();
    }

    /// <summary>
    /// Whether the store has lost this activation's record: it has none, or one of an earlier epoch, of a root agent that came up after the loss
    /// and knows nothing. Whoever takes over reads the record first, and its epochs only grow.
    /// </summary>
    private bool IsLost(IPersistentState<RootRecord> found) => !found.RecordExists || found.State.Epoch < _persisted.Epoch;

    /// <summary>The store has lost the record, and nobody has decided anything since: this activation still is the root agent.</summary>
    private async Task WriteAgainAsync()
    {
        LogRecordLost(job.Name);
        await TakeBackAsync();
        if (_isOvertaken)
        {
            LogOvertaken(job.Name, silo.Name);
            DeactivateOnIdle();
            return;
        }

        state.State = _persisted;
        await state.WriteStateAsync();
    }

    /// <summary>
    /// Makes the state one that can be written in place of what is in the store. If somebody else has decided meanwhile, it must not be
    /// written any more: the write would succeed.
    /// </summary>
    private async Task TakeBackAsync()
    {
        await state.ReadStateAsync();
        _isOvertaken = !IsLost(state);
    }

    /// <exception cref="InconsistentStateException">Another activation is the root agent.</exception>
    private async Task PersistAsync()
    {
        var record = _coordinator.Record;
        if (ReferenceEquals(record, _persisted)) return;
        if (_isOvertaken) throw new InconsistentStateException($"The record of job {job.Name} is another root agent's.");
        state.State = record;
        try
        {
            await state.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            // A decision may come before the loss is noticed, such as one that waited for the store to be back.
            await stored.ReadStateAsync();
            if (!IsLost(stored)) throw;
            LogRecordLost(job.Name);
            await TakeBackAsync();
            if (_isOvertaken) throw;
            state.State = record;
            await state.WriteStateAsync();
        }

        _persisted = record;
    }

    /// <summary>Null when the group does not answer in time; its silo may be on its way down.</summary>
    private async Task<GroupLedger?> AskGroupAsync(int group)
    {
        try
        {
            return await GrainFactory.GetGrain<ICheckpointGroup>(GeminiGrains.GroupKey(job, group)).GetLedgerAsync().WaitAsync(LedgerLimit, time);
        }
        catch (Exception error)
        {
            LogGroupSilent(group, error.Message);
            return null;
        }
    }

    private void Every(TimeSpan period, Func<Task> callback) =>
        this.RegisterGrainTimer(callback, new GrainTimerCreationOptions(period, period) { Interleave = true, KeepAlive = true });

    /// <summary>Looked at for every report; the list is another one only when membership has changed.</summary>
    private List<MemberView> Members()
    {
        var snapshot = membership.CurrentSnapshot;
        if (!ReferenceEquals(_members.Of, snapshot))
        {
            _members = (snapshot, [.. snapshot.Members.Values.Select(member =>
                new MemberView(new HostName(member.Name), member.SiloAddress.Generation, member.Status == SiloStatus.Dead))]);
        }

        return _members.Views;
    }

    /// <summary>Not awaited: a host that does not answer gets its directive with its next report.</summary>
    private async Task SendDirectiveAsync(HostName host, HostDirective directive)
    {
        try
        {
            _coordinator.Observe(await GrainFactory.GetGrain<IWorkerAgent>(host.Value).DirectAsync(directive), Now);
            await EvaluateAsync();
        }
        catch (Exception error)
        {
            LogNotTold(host, directive.Version.ToString(), error.Message);
        }
    }

    private async Task AskAsync(string address)
    {
        _coordinator.ObserveAnswer(address, await probe.AskAsync(address));
        await EvaluateAsync();
    }

    private void Tell(Func<IWorkerAgent, Task> message)
    {
        foreach (var host in _coordinator.LiveHosts) message(GrainFactory.GetGrain<IWorkerAgent>(host.Value)).Ignore();
    }

    private void LogWhatIsNew()
    {
        var (epoch, phase) = (_coordinator.Record.Epoch, _coordinator.Phase);
        if (_log.Phase(phase, _coordinator.Reason, _coordinator.Record) is { } news)
        {
            LogPhase(news.Level, epoch, news.Text);
            if (_coordinator.Fault is { } fault) LogFault(fault);
        }

        if (_log.Recovery(_coordinator.Record) is { } recovery) LogRecovered(epoch, recovery);
        if (_log.IsProgressDue(phase, Now)) LogProgress(epoch, JobLog.Progress(_coordinator.Status(new HostName(silo.Name), Now)));
    }

    [LoggerMessage(2100, LogLevel.Information, "Root agent of {Job} is up on {Host}, epoch {Epoch}")]
    private partial void LogActivated(string job, string host, Epoch epoch);

    [LoggerMessage(EventId = 2101, Message = "Epoch {Epoch}: {Phase}")]
    private partial void LogPhase(LogLevel level, Epoch epoch, string phase);

    [LoggerMessage(2105, LogLevel.Information, "Epoch {Epoch}: {Recovery}")]
    private partial void LogRecovered(Epoch epoch, string recovery);

    [LoggerMessage(2106, LogLevel.Information, "Epoch {Epoch}: {Progress}")]
    private partial void LogProgress(Epoch epoch, string progress);

    [LoggerMessage(2152, LogLevel.Warning, "The record of job {Job} is gone from its store; it is written again")]
    private partial void LogRecordLost(string job);

    [LoggerMessage(2150, LogLevel.Error, "The root agent could not decide, and tries again at every report")]
    private partial void LogFault(Exception fault);

    [LoggerMessage(2151, LogLevel.Error, "The root agent of {Job} does not come up on host {Host}, which is configured for another job: {Differences}")]
    private partial void LogOddHost(string job, string host, string differences);

    [LoggerMessage(2103, LogLevel.Warning, "The record was not read: {Error}")]
    private partial void LogRecordNotRead(string error);

    [LoggerMessage(2107, LogLevel.Information, "The record is read again")]
    private partial void LogRecordReadAgain();

    [LoggerMessage(2108, LogLevel.Error, "Nothing new can be decided, trying again: {Error}")]
    private partial void LogNotEvaluated(string error);

    [LoggerMessage(2153, LogLevel.Critical, "The root agent found a mistake in this program, and stops")]
    private partial void LogViolated(InvariantViolatedException violated);

    [LoggerMessage(2109, LogLevel.Information, "Decisions are made again")]
    private partial void LogWorksAgain();

    [LoggerMessage(2104, LogLevel.Warning, "Root agent of {Job} on {Host} was overtaken by another one and leaves")]
    private partial void LogOvertaken(string job, string host);

    [LoggerMessage(2140, LogLevel.Warning, "{Warning}")]
    private partial void LogSingleCopy(string warning);

    [LoggerMessage(2141, LogLevel.Debug, "Group {Group} did not say what it holds: {Error}")]
    private partial void LogGroupSilent(int group, string error);

    [LoggerMessage(2102, LogLevel.Debug, "{Host} was not told {Version}: {Error}")]
    private partial void LogNotTold(HostName host, string version, string error);
}
