using Gemini.Interfaces.Model;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// A job that trains until the drill is over, on real processes: hosts, a Redis server, the controller that can pause any of them, and a view of the
/// status. Beside the job, the uninterrupted run computes the right hashes. Disposing leaves no process and no memory, and keeps the logs only on
/// request.
/// </summary>
internal sealed class DrillCluster : IAsyncDisposable
{
    /// <summary>How long a killed host or Redis server stays lost. Shorter than a host's start, so it adds little to a case.</summary>
    public static readonly TimeSpan Absence = TimeSpan.FromSeconds(1);

    /// <summary>The system uses a process id again only after more kills than this.</summary>
    private const int RememberedKills = 64;

    private readonly Queue<int> _killed = new();
    private readonly DemoOptions _demo;
    private readonly TimeProvider _clock;
    private readonly LocalCluster _hosts;
    private readonly RedisProcess _redis;
    private readonly ReferenceRun _reference;
    private readonly string? _ownStorage;
    private bool _isStarted;
    private bool _keepLogs;

    public DrillCluster(DrillShape shape, bool withStorage, DrillOptions options, TimeProvider clock, Action<string> say)
    {
        _clock = clock;
        if (withStorage && options.Storage is null) _ownStorage = Directory.CreateTempSubdirectory("gemini-drill-storage-").FullName;
        _demo = options.ToDemo(shape, withStorage ? options.Storage ?? _ownStorage : null);
        var ports = new FreePorts(Environment.ProcessId);
        var redisPort = ports.Next();
        _hosts = new LocalCluster(_demo, ports, $"127.0.0.1:{redisPort}", clock, say);
        _redis = new RedisProcess(redisPort, Path.Combine(_hosts.RunDirectory, "redis"), Path.Combine(_hosts.LogDirectory, "redis.log"), clock);
        Controller = new DrillController(_hosts.DrillSocket);
        _reference = _hosts.Reference(_demo with { PaceMilliseconds = 0 });
        View = new JobView(_hosts.Hosts[0].Configuration, clock, _hosts.Remember);
    }

    public DrillController Controller { get; }

    public JobView View { get; }

    public string LogDirectory => _hosts.LogDirectory;

    public long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Starts all processes at the first call; <see cref="ReadyAsync"/> waits for them.</summary>
    /// <exception cref="LabException">One cannot be started.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        if (_isStarted) return;
        _isStarted = true;
        _reference.StartWithHashes();
        await _redis.StartAsync(ct);
        await _hosts.StartAsync(ct);
    }

    /// <summary>Waits until all hosts are present, all ranks train, the standbys are warm, and the trained iterations are committed.</summary>
    /// <exception cref="LabException">The job is not ready within the limit, or a host cannot run.</exception>
    public Task<JobStatus> ReadyAsync(TimeSpan limit, CancellationToken ct) => View.WaitAsync(IsReady, limit, "every host is back and the job trains", ct);

    /// <summary>Kills one part of each of the hosts, as <see cref="Strike"/> does.</summary>
    public void Kill(KillTarget kind, IReadOnlyCollection<HostName> victims, JobStatus status)
    {
        var strike = new Strike(kind, victims, _hosts, status);
        foreach (var process in strike.ProcessIds) NoteKilled(process);
        strike.Execute(Absence);
    }

    /// <summary>The hosts whose silo has a process now.</summary>
    public IReadOnlyList<HostName> RunningHosts =>
        [.. _hosts.Hosts.Where(host => host.ProcessId != 0).Select(host => new HostName(host.Name))];

    public Task KillRedisAsync() => _redis.KillAsync();

    public async Task RestartRedisAsync(CancellationToken ct)
    {
        await Task.Delay(Absence, _clock, ct);
        await _redis.StartAsync(ct);
    }

    /// <summary>
    /// Compares every commit that was seen since the last call with the uninterrupted run. Returns the statuses with these commits.
    /// </summary>
    /// <exception cref="LabException">A commit differs.</exception>
    public async Task<IReadOnlyList<JobStatus>> CompareAsync(CancellationToken ct)
    {
        var commits = View.TakeCommits().ToList();
        foreach (var commit in commits)
        {
            var expected = await _reference.AtAsync(commit.Committed.Value, ct);
            for (var rank = 0; rank < expected.Length; rank++)
            {
                if (commit.CommittedHashes[rank] != expected[rank])
                    throw new LabException(
                        $"rank {rank} at iteration {commit.Committed}, epoch {commit.Epoch}, is {commit.CommittedHashes[rank]}, "
                        + $"uninterrupted {expected[rank]}");
            }
        }

        return commits;
    }

    /// <summary>Keeps the logs where they are when the cluster is disposed.</summary>
    public void KeepLogs() => _keepLogs = true;

    public async ValueTask DisposeAsync()
    {
        await View.DisposeAsync();
        await Controller.DisposeAsync();
        await _hosts.DisposeAsync();
        await _reference.DisposeAsync();
        _redis.Dispose();
        if (!_keepLogs) _hosts.RemoveRunDirectory();
        if (_ownStorage is not null) Directory.Delete(_ownStorage, recursive: true);
    }

    /// <summary>Whether all hosts are present, all ranks train, the standbys are warm, and the trained iterations are committed.</summary>
    public bool IsReady(JobStatus status)
    {
        if (_hosts.Failure() is { } failure) throw new LabException(failure);
        if (status.Phase != JobPhase.Running || DrillScene.Of(status) is null) return false;
        var live = status.Hosts.Where(host => host.Alive).ToList();
        // A status that still names a killed process is out of date.
        return live.Count == _demo.Hosts + _demo.Standby
            && !live.Any(host => IsKilled(host.Report))
            && live.All(host => host.Report.Trainers.All(trainer => host.Position is null ? IsWarm(trainer) : Trains(trainer, status.Epoch)))
            && status.Committed.Value > 0
            && status.Trained.Value - status.Committed.Value <= 3
            && (_demo.Storage is null || status.Persisted.Value > 0);
    }

    private void NoteKilled(int processId)
    {
        _killed.Enqueue(processId);
        if (_killed.Count > RememberedKills) _killed.Dequeue();
    }

    private bool IsKilled(HostReport report) =>
        _killed.Contains(report.SiloProcessId) || report.Trainers.Any(trainer => _killed.Contains(trainer.ProcessId));

    private static bool IsWarm(TrainerReport trainer) => trainer.State == TrainerState.Waiting;

    private static bool Trains(TrainerReport trainer, Epoch epoch) => trainer.State == TrainerState.Training && trainer.Epoch == epoch;
}
