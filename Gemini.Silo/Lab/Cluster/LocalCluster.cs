using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using Gemini.Interfaces.Files;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Processes;
using Gemini.Silo.Status;

namespace Gemini.Silo.Lab.Cluster;

/// <summary>
/// The demo's hosts: a folder with secret, configurations and logs, and one process per host. However the demo ends, disposing leaves no process and
/// no file of host memory behind.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    /// <summary>Hosts that join at the same moment compete for the membership table and back off for seconds.</summary>
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(8);

    private readonly DemoOptions _options;
    private readonly FreePorts _ports;
    private readonly TimeProvider _clock;
    private readonly Action<string> _say;
    private readonly IDisposable _mark;
    private readonly HashSet<int> _trainersSeen = [];
    private readonly Dictionary<(int Silo, int LocalIndex), long> _skippedSaves = [];

    /// <param name="options">How many hosts, and what they train.</param>
    /// <param name="ports">Where they listen.</param>
    /// <param name="redis">The Redis server of the job.</param>
    /// <param name="clock">Paces starts and stops.</param>
    /// <param name="say">Receives a line about each event of a host.</param>
    public LocalCluster(DemoOptions options, FreePorts ports, string redis, TimeProvider clock, Action<string> say)
    {
        _options = options;
        _ports = ports;
        _clock = clock;
        _say = say;
        JobName = string.Create(CultureInfo.InvariantCulture, $"{DemoLeftovers.JobPrefix}{Environment.ProcessId}");
        RunDirectory = Directory.CreateTempSubdirectory($"gemini-{JobName}-").FullName;
        _mark = DemoLeftovers.Mark(RunDirectory);
        LogDirectory = Path.GetFullPath(options.Logs ?? Path.Combine(RunDirectory, "logs"));
        SecretFile = Path.Combine(RunDirectory, "job.key");
        Directory.CreateDirectory(LogDirectory, PrivateFolder.Mode);
        JobSecret.Generate().Save(SecretFile);
        Trainer = TrainerLocator.Locate(new TrainerConfiguration { Command = options.Trainer });
        Hosts = [.. HostNames.Names(options.Hosts + options.Standby).Select(name => CreateHost(name, ports, redis, say))];
    }

    public string JobName { get; }

    public string RunDirectory { get; }

    public string LogDirectory { get; }

    public string SecretFile { get; }

    /// <summary>Where a drill has to listen before the hosts start, if the options ask for a drill.</summary>
    public string DrillSocket => Path.Combine(RunDirectory, "drill.sock");

    /// <summary>The program that the hosts start to train.</summary>
    public string Trainer { get; }

    public ImmutableArray<HostProcess> Hosts { get; }

    public async Task StartAsync(CancellationToken ct)
    {
        foreach (var host in Hosts)
        {
            host.Start();
            _say($"{host.Name} started, pid {host.ProcessId}");
            await Task.Delay(Stagger, _clock, ct);
        }
    }

    public HostProcess Host(string name) => Hosts.First(host => host.Name == name);

    /// <summary>The host's configuration file.</summary>
    public string ConfigurationOf(HostProcess host) => Path.Combine(RunDirectory, host.Name + ".json");

    /// <summary>The processes that train on the host now, as it reported them.</summary>
    public IReadOnlyList<int> TrainersOf(HostName name, JobStatus status) =>
    [
        .. status.Hosts.Where(host => host.Report.Host == name).SelectMany(host => host.Report.Trainers)
            .Select(trainer => trainer.ProcessId).Where(pid => pid != 0 && IsTrainerOf(Host(name.Value), pid)),
    ];

    /// <summary>All processes that the host's silo started, including spares, and its trainers that an earlier silo may have started.</summary>
    public IReadOnlyList<int> TrainersAndSparesOf(HostName name, JobStatus status)
    {
        var silo = Host(name.Value).ProcessId;
        return [.. (silo == 0 ? [] : ProcessTools.ChildrenOf(silo)).Union(TrainersOf(name, status))];
    }

    /// <summary>Saves that ranks skipped, over all remembered statuses. A silo counts them as long as it lives.</summary>
    public long SkippedSaves => _skippedSaves.Values.Sum();

    /// <summary>
    /// Remembers the trainers of a status, so that they can be stopped whatever happens to their silos. Also remembers how many saves they skipped.
    /// </summary>
    public void Remember(JobStatus status)
    {
        foreach (var (silo, trainer) in status.Hosts.SelectMany(host => host.Report.Trainers.Select(trainer => (host.Report.SiloProcessId, trainer))))
        {
            if (trainer.ProcessId != 0) _trainersSeen.Add(trainer.ProcessId);
            _skippedSaves[(silo, trainer.LocalIndex)] = trainer.SkippedSaves;
        }
    }

    /// <summary>
    /// The answers to "how is the job?", until cancelled; null: there was none. Each of them is remembered, and shown before the job is judged.
    /// </summary>
    /// <exception cref="LabException">A host cannot be kept running, or the job cannot continue.</exception>
    public async IAsyncEnumerable<JobStatus?> WatchAsync(Action<JobStatus> show, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var watcher = new StatusWatcher(Hosts[0].Configuration, _clock);
        await foreach (var status in watcher.WatchAsync(ct))
        {
            if (Failure() is { } failure) throw new LabException(failure);
            if (status is not null)
            {
                Remember(status);
                show(status);
                if (status.Phase == JobPhase.Failed) throw new LabException($"the job cannot go on: {status.Reason}");
            }

            yield return status;
        }
    }

    /// <summary>The uninterrupted run of what these hosts train. The caller disposes it.</summary>
    /// <param name="options">Those of the hosts, but the length and the pace may differ.</param>
    public ReferenceRun Reference(DemoOptions options) => new(options, Trainer, SecretFile, _ports, LogDirectory, _clock);

    /// <summary>Removes the host's memory, as the death of its machine would.</summary>
    public void RemoveMemory(HostName host) => RemoveFolder(Host(host.Value).Configuration.Paths.Directory);

    /// <summary>The failure of a host that cannot be kept running; null if there is none.</summary>
    public string? Failure() => Hosts.Select(host => host.Completion.Exception?.InnerException?.Message).FirstOrDefault(message => message is not null);

    /// <summary>Stops every host and its trainers, and frees all host memory. May be called more than once.</summary>
    public async Task StopAsync()
    {
        foreach (var host in Hosts.Where(host => host.ProcessId != 0)) _trainersSeen.UnionWith(ProcessTools.ChildrenOf(host.ProcessId));
        await Task.WhenAll(Hosts.Select(host => host.StopAsync(StopBound)));
        foreach (var trainer in _trainersSeen.Where(pid => Hosts.Any(host => IsTrainerOf(host, pid)))) ProcessTools.Kill(trainer);
        RemoveFolder(Path.Combine(_options.MemoryRoot, JobName));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var host in Hosts) await host.DisposeAsync();
        _mark.Dispose();
    }

    /// <summary>Removes configurations and secret, and the logs that nobody asked to keep.</summary>
    public void RemoveRunDirectory() => RemoveFolder(RunDirectory);

    /// <summary>
    /// Whether this host's silo has started the process. A report may be older than the process with this id: the kernel uses ids again, and then the
    /// process can be a trainer of another demo or of the reference run.
    /// </summary>
    private static bool IsTrainerOf(HostProcess host, int processId) =>
        ProcessTools.HasVariable(processId, TrainerEnvironment.Socket, host.Configuration.Paths.TrainerSocket);

    private HostProcess CreateHost(string name, FreePorts ports, string redis, Action<string> say)
    {
        var configuration = new HostConfiguration
        {
            Job = new() { Name = JobName, Hosts = HostNames.Names(_options.Hosts), Replicas = _options.Replicas, CheckpointMode = _options.Mode },
            Host = new()
            {
                Name = name,
                Address = _options.Network?.AddressOf(name) ?? GarnetHost.Loopback,
                SiloPort = ports.Next(),
                GatewayPort = ports.Next(),
                // The launcher asks for the status from a network namespace of its own.
                RemoteClients = _options.Network is not null,
                DataPort = ports.Next(),
                WebPort = ports.Next(),
            },
            Redis = redis,
            SecretFile = SecretFile,
            MemoryRoot = Path.GetFullPath(_options.MemoryRoot),
            Logs = LogDirectory,
            Trainer = new()
            {
                Command = Trainer,
                Arguments = _options.TrainerArguments(),
                WorkingDirectory = Environment.CurrentDirectory,
                Spares = _options.Spares,
            },
            Storage = _options.StorageConfiguration(),
            Timing = _options.Timing,
            // On one machine, without networks of their own, there is no network between the hosts that is worth a long measurement.
            Advanced = _options.Network is null ? new() { Transfer = new() { PathProbe = TimeSpan.FromMilliseconds(100) } } : new(),
            StopWhenInputEnds = true,
            DrillSocket = _options.IsDrill ? DrillSocket : null,
        };
        var path = Path.Combine(RunDirectory, name + ".json");
        HostConfigurationFile.Save(configuration, path);
        return new HostProcess(configuration, path, Path.Combine(LogDirectory, name + ".log"), _clock, say, _options.Network?.LauncherOf(name) ?? []);
    }

    private static void RemoveFolder(string folder)
    {
        // A process that is still exiting may add a file while the folder is emptied.
        for (var tries = 0; tries < 5 && Directory.Exists(folder); tries++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
            }
        }
    }
}
