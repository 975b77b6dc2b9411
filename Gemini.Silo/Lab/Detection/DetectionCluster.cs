using Gemini.Interfaces.Model;
using Gemini.Silo.Lab.Cluster;
using Gemini.Silo.Lab.Demo;

namespace Gemini.Silo.Lab.Detection;

/// <summary>A cluster that trains without an end, and a watcher of its status.</summary>
internal sealed class DetectionCluster : IAsyncDisposable
{
    /// <summary>The limit from a fault, or from the start, until the pool is whole again.</summary>
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(120);

    private readonly DemoOptions _demo;
    private readonly GarnetHost _garnet;
    private readonly IAsyncEnumerator<JobStatus?> _statuses;
    private readonly TimeProvider _clock;
    private bool _keepLogs = true;

    public DetectionCluster(DetectionOptions options, HostNetwork? network, TimeProvider clock, Action<string> say, CancellationToken ct)
    {
        _clock = clock;
        _demo = new DemoOptions
        {
            Hosts = options.Hosts,
            Standby = 1,
            Model = options.Model,
            Iterations = 100_000_000,
            PaceMilliseconds = options.PaceMilliseconds,
            Verify = false,
            Logs = options.Logs,
            Timing = options.Profile,
            Network = network,
        };
        DemoPreflight.Check(_demo);
        Network = network;
        var ports = new FreePorts(Environment.ProcessId);
        _garnet = new GarnetHost(ports.Next(), network?.OwnAddress ?? GarnetHost.Loopback);
        Processes = new LocalCluster(_demo, ports, _garnet.Endpoint, clock, say);
        _statuses = Processes.WatchAsync(_ => { }, ct).GetAsyncEnumerator(ct);
    }

    public LocalCluster Processes { get; }

    public HostNetwork? Network { get; }

    public Task StartAsync(CancellationToken ct) => Processes.StartAsync(ct);

    /// <summary>The next answer to "how is the job?"; null if there was none.</summary>
    /// <exception cref="LabException">A host cannot be kept running, or the job cannot continue.</exception>
    public async Task<JobStatus?> NextAsync()
    {
        if (!await _statuses.MoveNextAsync()) throw new OperationCanceledException();
        return _statuses.Current;
    }

    /// <summary>The first answer that satisfies the condition.</summary>
    /// <exception cref="LabException">It did not come in time.</exception>
    public async Task<JobStatus> UntilAsync(Func<JobStatus, bool> reached, string what, TimeSpan limit)
    {
        var begun = _clock.GetTimestamp();
        JobStatus? last = null;
        while (_clock.GetElapsedTime(begun) < limit)
        {
            if (await NextAsync() is not { } status) continue;
            if (reached(status)) return status;
            last = status;
        }

        throw new LabException($"waited {limit.TotalSeconds:0} s for {what}, which did not come; the job is {last?.Phase}: {last?.Reason}");
    }

    /// <summary>Waits until the pool is whole, there is no problem, and then five more iterations have been committed without a new epoch.</summary>
    public async Task<JobStatus> ReadyAsync()
    {
        var begun = await UntilAsync(IsCalm, "a whole pool", ReadyLimit);
        return await UntilAsync(
            status => IsCalm(status) && status.Epoch == begun.Epoch && status.Committed.Value >= begun.Committed.Value + 5,
            "five commits", ReadyLimit);
    }

    /// <summary>Lets the logs be removed, because the drill went well.</summary>
    public void Succeed() => _keepLogs = _demo.Logs is not null;

    public async ValueTask DisposeAsync()
    {
        await _statuses.DisposeAsync();
        await Processes.DisposeAsync();
        _garnet.Dispose();
        if (!_keepLogs || _demo.Logs is not null) Processes.RemoveRunDirectory();
    }

    private bool IsCalm(JobStatus status) =>
        status.Reason.Length == 0 && !status.Redundancy.Exposed && WholePool.Missing(status, _demo.Standby, _demo.Spares) is null;
}
