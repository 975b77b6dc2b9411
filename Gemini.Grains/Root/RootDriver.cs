using System.Collections.Immutable;
using Gemini.Grains.Hosting;
using Gemini.Grains.Health;
using Gemini.Grains.Placement;
using Gemini.Grains.Recovery;
using Gemini.Interfaces;
using Gemini.Interfaces.Grains;
using Gemini.Interfaces.Model;

namespace Gemini.Grains.Root;

/// <summary>
/// The root agent without Orleans: gathers observations for the <see cref="JobCoordinator"/>, calls it, and carries out its decisions. It writes the
/// record before it sends a directive. So a root agent that was overtaken fails at that write and leaves, before it has told anybody anything.
/// </summary>
/// <remarks>
/// Runs on one thread at a time: in the turns of a grain, or in the simulation's event loop. A call may come while other calls wait.
/// </remarks>
/// <param name="job">The job, as the root agent's own host is configured.</param>
/// <param name="host">The host that the root agent is on.</param>
/// <param name="options">Settings of the coordinator.</param>
/// <param name="ports">All that it reaches.</param>
internal sealed partial class RootDriver(JobSpec job, HostName host, CoordinatorOptions options, RootPorts ports) : IGroupService
{
    /// <summary>
    /// How often the rules that depend only on time are evaluated: ten times within the default of <see cref="HealthOptions.LostPeerGrace"/>.
    /// </summary>
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the record is read. A root agent that was overtaken still answers for about this long, until it notices.</summary>
    private static readonly TimeSpan RecordCheckPeriod = TimeSpan.FromSeconds(1);

    /// <summary>A ledger is in memory; a group that takes longer is moving to another silo.</summary>
    private static readonly TimeSpan LedgerLimit = TimeSpan.FromSeconds(1);

    private readonly SteadyClock _clock = new(ports.Time);
    private readonly FailureChange _evaluating = new();
    private readonly FailureChange _reading = new();
    private JobCoordinator _coordinator = null!;
    private RecordKeeper _record = null!;
    private MachineCalls? _machines;
    private JobLog _log = null!;
    private Task _loops = Task.CompletedTask;
    private Task _evaluation = Task.CompletedTask;
    private bool _again;
    private bool _isLeaving;

    /// <summary>The part that decides. Only after <see cref="StartAsync"/>.</summary>
    public JobCoordinator Coordinator => _coordinator;

    private CancellationTokenSource Stopping { get; } = new();

    private long Now => _clock.Now;

    /// <summary>Everything that was decided is in the record's store.</summary>
    private bool IsPersisted => _evaluation.IsCompleted && !_again && ReferenceEquals(_coordinator.Record, _record.Record);

    /// <summary>Reads the record and continues from it. Call it once; call nothing else before it has ended.</summary>
    /// <exception cref="RootUnavailableException">The root agent does not start here, or not now. The caller asks again.</exception>
    public async Task StartAsync()
    {
        _record = new RecordKeeper(ports.Records, ports.IsReplaced, () => LogRecordLost(job.Name));
        var record = await _record.ReadAsync();
        RefuseOnOddHost(record);
        if (record.Run.IsUnknown) record = record with { Run = ports.BeginRun(job, ports.Time.GetUtcNow()) };
        // A record of an earlier version of this program has an epoch and no specification.
        if (record is { Spec: null, Epoch.Value: > 0 }) record = record with { Spec = job };
        _coordinator = new JobCoordinator(job, record, options, Now);
        _log = new JobLog(record, Now);
        if (ports.Machines is not null) _machines = new MachineCalls(job.Name, options.Machines!, ports, _coordinator, _clock);
        if (!await _record.TryBeginAsync(record)) throw new RootUnavailableException($"Another root agent of {job.Name} has started.");
        LogActivated(job.Name, host, record.Epoch);
        if (PlacementReport.SingleCopyWarning(job.Replicas) is { } warning) LogSingleCopy(warning);
        _loops = Task.WhenAll(EveryAsync(TickPeriod, () => TryEvaluateAsync()), EveryAsync(RecordCheckPeriod, CheckRecordAsync));
    }

    /// <summary>Ends the loops, and cancels the calls of the machine operator.</summary>
    public Task StopAsync()
    {
        Stopping.Cancel();
        _machines?.GiveUp();
        return _loops;
    }

    /// <inheritdoc cref="IRootAgent.ReportAsync"/>
    public async Task<HostDirective> ReportAsync(HostReport report)
    {
        // The answer may contain only what is persisted.
        if (_coordinator.Observe(report, Now) || !IsPersisted) await EvaluateAsync();
        return _coordinator.DirectiveFor(report.Host);
    }

    public Task<JobSpec?> GetSpecAsync() => Task.FromResult(_coordinator.Record.Spec);

    public Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards) =>
        _coordinator.ObserveComplete(group, epoch, snapshot, shards) ? EvaluateAsync() : Task.CompletedTask;

    public Task GroupSkippedAsync(int group, Epoch epoch, Iteration iteration) =>
        _coordinator.ObserveSkipped(epoch, iteration) ? EvaluateAsync() : Task.CompletedTask;

    /// <inheritdoc cref="IRootAgent.GetStatusAsync"/>
    public JobStatus GetStatus() => _coordinator.Status(host, Now);

    /// <inheritdoc cref="IRootAgent.GetCommitRecordAsync"/>
    public async Task<CommitRecord> GetCommitRecordAsync()
    {
        var committed = _coordinator.Committed;
        var groups = Enumerable.Range(0, JobPlacement.PlanOf(job).Groups.Length).Select(AskGroupAsync);
        return _coordinator.CommitRecord(committed, [.. await Task.WhenAll(groups)]);
    }

    /// <summary>
    /// A host whose specification is not the job's must not decide for the others. The call that started this root agent fails, and its caller tries
    /// again. The next root agent may start on any host.
    /// </summary>
    private void RefuseOnOddHost(RootRecord record)
    {
        if (record.Spec is not { } recorded || recorded.Fingerprint() == job.Fingerprint()) return;
        var differences = SpecDifference.Describe(
            recorded.DifferencesTo(job).Where(difference => difference.MustAgree), "in the job's record", $"on host {host}");
        LogOddHost(job.Name, host, differences);
        throw new RootUnavailableException($"The root agent of {job.Name} does not start on host {host}: {differences}.");
    }

    private async Task EveryAsync(TimeSpan period, Func<Task> work)
    {
        while (true)
        {
            await Task.Delay(period, ports.Time, Stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (Stopping.IsCancellationRequested) return;
            await work();
        }
    }

    /// <summary>
    /// Runs one evaluation at a time. A caller that comes while one runs waits for one more, and for the write of everything that was decided
    /// meanwhile. So after the return, the caller reads only decisions that are persisted.
    /// </summary>
    private async Task EvaluateAsync()
    {
        _again = true;
        while (!IsPersisted)
        {
            if (_evaluation.IsCompleted) _evaluation = EvaluateOnceAsync();
            await _evaluation;
        }
    }

    private async Task EvaluateOnceAsync()
    {
        // Reports come in bursts. Those that have come already are taken in first, so that one evaluation is for all of them.
        await Task.Yield();
        _again = false;
        _coordinator.Observe(ports.Members(), Now);
        _machines?.ObserveLines();
        var decision = _coordinator.Evaluate(Now);
        if (!ReferenceEquals(_coordinator.Record, _record.Record)) await WriteAsync(_coordinator.Record);
        LogWhatIsNew();
        await RootMoments.ReachAsync(decision);
        foreach (var address in decision.Ask) _ = AskAsync(address);
        foreach (var (target, directive) in decision.Directives) _ = SendDirectiveAsync(target, directive);
        var epoch = _coordinator.Record.Epoch;
        if (decision.Commit is { } committed) ports.Calls.Commit(_coordinator.LiveHosts, epoch, committed);
        foreach (var abandoned in decision.Abandon) ports.Calls.Abandon(_coordinator.LiveHosts, epoch, abandoned);
        _machines?.Work();
        if (_coordinator.IsOdd) ports.Leave();
    }

    /// <exception cref="RootUnavailableException">The record was not written, or it is unknown whether it was.</exception>
    private async Task WriteAsync(RootRecord record)
    {
        if (await AnsweredAsync(_record.TryWriteAsync(record))) return;
        Leave();
        throw new RootUnavailableException($"Another root agent has written the record of job {job.Name}.");
    }

    private static async Task<bool> AnsweredAsync(Task<bool> write)
    {
        try
        {
            return await write;
        }
        catch (Exception error)
        {
            throw new RootUnavailableException($"The record was not written: {error.Message}");
        }
    }

    /// <summary>
    /// While membership changes, a second root agent can start beside this one. This one fails at its next write, but it may have nothing to write
    /// for long. So it reads the record. Nothing waits for this read: a store that does not answer must not delay a commit.
    /// </summary>
    private async Task CheckRecordAsync()
    {
        if (!_evaluation.IsCompleted) return;
        try
        {
            var etag = _record.Etag;
            var found = await ports.Records.ReadAsync();
            if (_reading.Ends()) LogRecordReadAgain();
            // Nothing is new if this root agent itself has written the record meanwhile. It writes only while it evaluates.
            if (!_evaluation.IsCompleted || _record.Etag != etag || found.Etag == etag || Stopping.IsCancellationRequested) return;
            // This takes the place of an evaluation, so that no evaluation writes meanwhile.
            await (_evaluation = WriteAgainAsync());
        }
        catch (Exception error)
        {
            // Without the store, neither this root agent nor another one can decide anything new.
            if (_reading.IsNews(error)) LogRecordNotRead(error.Message);
        }
    }

    /// <summary>If the store has lost the record and no other root agent has decided anything since, writes the record again. Otherwise leaves.</summary>
    private async Task WriteAgainAsync()
    {
        if (!await AnsweredAsync(_record.TryWriteAgainAsync())) Leave();
    }

    private void Leave()
    {
        if (!_isLeaving) LogOvertaken(job.Name, host);
        _isLeaving = true;
        ports.Leave();
    }

    /// <summary>An evaluation for which no caller waits. Its failure is logged here: once, however long it lasts.</summary>
    /// <param name="observe">Takes in an observation first.</param>
    private async Task TryEvaluateAsync(Action? observe = null)
    {
        try
        {
            observe?.Invoke();
            await EvaluateAsync();
            if (_evaluating.Ends()) LogWorksAgain();
        }
        catch (InvariantViolatedException violated)
        {
            LogViolated(violated);
            ports.Leave();
        }
        catch (Exception error) when (error is JobMismatchException or HostNameTakenException)
        {
            // The host learns that in answer to its own report.
        }
        catch (Exception error)
        {
            if (_evaluating.IsNews(error)) LogNotEvaluated(error.Message, error is RootUnavailableException ? null : error);
        }
    }

    /// <summary>Not awaited: a host that does not answer gets its directive with its next report.</summary>
    private async Task SendDirectiveAsync(HostName target, HostDirective directive)
    {
        HostReport report;
        try
        {
            report = await ports.Calls.DirectAsync(target, directive);
        }
        catch (Exception error)
        {
            LogNotTold(target, directive.Version.ToString(), error.Message);
            return;
        }

        await TryEvaluateAsync(() => _coordinator.Observe(report, Now));
    }

    private async Task AskAsync(string address)
    {
        var answer = await ports.Probe.AskAsync(address);
        await TryEvaluateAsync(() => _coordinator.ObserveAnswer(address, answer));
    }

    /// <summary>Null if the group does not answer in time; its silo may be about to end.</summary>
    private async Task<GroupLedger?> AskGroupAsync(int group)
    {
        try
        {
            return await ports.Calls.GetLedgerAsync(group).WaitAsync(LedgerLimit, ports.Time);
        }
        catch (Exception error)
        {
            LogGroupSilent(group, error.Message);
            return null;
        }
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
        if (_log.IsProgressDue(phase, Now)) LogProgress(epoch, JobLog.Progress(GetStatus()));
    }
}
