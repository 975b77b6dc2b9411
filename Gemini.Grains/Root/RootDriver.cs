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
/// The root agent without Orleans: gathers for the <see cref="JobCoordinator"/>, calls it, and applies what it decides. The record is written
/// before a directive leaves; an overtaken root agent fails at that write, leaves, and has told nobody anything.
/// </summary>
/// <remarks>
/// Runs in one thread at a time: in the turns of a grain, or in the simulation's event loop. All calls may come while others wait.
/// </remarks>
/// <param name="job">The job, as the root agent's own host is configured.</param>
/// <param name="host">The host that the root agent is on.</param>
/// <param name="options">Settings of the coordinator.</param>
/// <param name="ports">All that it reaches.</param>
internal sealed partial class RootDriver(JobSpec job, HostName host, CoordinatorOptions options, RootPorts ports)
{
    /// <summary>How often the rules that depend on time alone are looked at; a tenth of the shortest of them.</summary>
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a root agent that was overtaken answers before it notices.</summary>
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

    /// <summary>What decides. Only after <see cref="StartAsync"/>.</summary>
    public JobCoordinator Coordinator => _coordinator;

    private CancellationTokenSource Stopping { get; } = new();

    private long Now => _clock.Now;

    /// <summary>Reads the record and goes on from it. Call once; nothing else may be called before it has ended.</summary>
    /// <exception cref="RootUnavailableException">It does not come up here, or not now. Whoever called asks again.</exception>
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
        if (!await _record.TryBeginAsync(record)) throw new RootUnavailableException($"Another root agent of {job.Name} has come up.");
        LogActivated(job.Name, host, record.Epoch);
        if (PlacementReport.SingleCopyWarning(job.Replicas) is { } warning) LogSingleCopy(warning);
        _loops = Task.WhenAll(EveryAsync(TickPeriod, () => TryEvaluateAsync()), EveryAsync(RecordCheckPeriod, CheckRecordAsync));
    }

    /// <summary>Ends what goes on by itself.</summary>
    public Task StopAsync()
    {
        Stopping.Cancel();
        _machines?.GiveUp();
        return _loops;
    }

    /// <inheritdoc cref="IRootAgent.ReportAsync"/>
    public async Task<HostDirective> ReportAsync(HostReport report)
    {
        _coordinator.Observe(report, Now);
        await EvaluateAsync();
        return _coordinator.DirectiveFor(report.Host);
    }

    /// <inheritdoc cref="IRootAgent.GroupCompleteAsync"/>
    public Task GroupCompleteAsync(int group, Epoch epoch, SnapshotId snapshot, ImmutableArray<Replica> shards)
    {
        _coordinator.ObserveComplete(group, epoch, snapshot, shards);
        return EvaluateAsync();
    }

    /// <inheritdoc cref="IRootAgent.GroupSkippedAsync"/>
    public Task GroupSkippedAsync(Epoch epoch, Iteration iteration)
    {
        _coordinator.ObserveSkipped(epoch, iteration);
        return EvaluateAsync();
    }

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
    /// A host whose specification is not the job's must not decide for the others. The call that brought this root agent up fails, and its
    /// caller tries again: the next one comes up on any host.
    /// </summary>
    private void RefuseOnOddHost(RootRecord record)
    {
        if (record.Spec is not { } recorded || recorded.Fingerprint() == job.Fingerprint()) return;
        var differences = SpecDifference.Describe(
            recorded.DifferencesTo(job).Where(difference => difference.MustAgree), "in the job's record", $"on host {host}");
        LogOddHost(job.Name, host, differences);
        throw new RootUnavailableException($"The root agent of {job.Name} does not come up on host {host}: {differences}.");
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
    /// Runs one evaluation at a time; whoever comes while one runs waits for one more, and for the write of whatever was
    /// decided meanwhile. So a caller that returns from here reads decisions that are persisted.
    /// </summary>
    private async Task EvaluateAsync()
    {
        _again = true;
        while (_again || !ReferenceEquals(_coordinator.Record, _record.Record))
        {
            if (_evaluation.IsCompleted) _evaluation = EvaluateOnceAsync();
            await _evaluation;
        }
    }

    private async Task EvaluateOnceAsync()
    {
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

    /// <exception cref="RootUnavailableException">The record was not written, as far as anybody knows.</exception>
    private async Task WriteAsync(RootRecord record)
    {
        if (await AnsweredAsync(_record.TryWriteAsync(record))) return;
        Leave();
        throw new RootUnavailableException($"The record of job {job.Name} is another root agent's.");
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
    /// While membership changes, a second root agent can come up beside this one. This one would fail at its next write, but it might have none
    /// for long. Nothing waits for this look: a store that is away must hold up no commit.
    /// </summary>
    private async Task CheckRecordAsync()
    {
        if (!_evaluation.IsCompleted) return;
        try
        {
            var etag = _record.Etag;
            var found = await ports.Records.ReadAsync();
            if (_reading.Ends()) LogRecordReadAgain();
            // What this root agent has written meanwhile is no news, and it writes only while it evaluates.
            if (!_evaluation.IsCompleted || _record.Etag != etag || found.Etag == etag || Stopping.IsCancellationRequested) return;
            // In the place of an evaluation, so that none writes meanwhile.
            await (_evaluation = WriteAgainAsync());
        }
        catch (Exception error)
        {
            // Without the store nothing new can be decided anyway, and nobody else can have been.
            if (_reading.IsNews(error)) LogRecordNotRead(error.Message);
        }
    }

    /// <summary>If the store has lost the record and nobody has decided anything since, this still is the root agent.</summary>
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

    /// <summary>An evaluation that nobody asked for, so nobody hears of its failure: it is said once, however long the store is away.</summary>
    /// <param name="observe">What is taken in first.</param>
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

    /// <summary>Null when the group does not answer in time; its silo may be on its way down.</summary>
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
