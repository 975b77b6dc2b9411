using System.Collections.Immutable;
using Gemini.Grains.Health;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.SharedMemory;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Persistence;
using Gemini.Silo.Trainers;

namespace Gemini.Silo.Configuration;

/// <summary>
/// Everything that <c>gemini host</c> has to know, as in its configuration file. <see cref="HostConfigurationFile"/> loads it, makes its paths
/// absolute and validates it.
/// </summary>
public sealed record HostConfiguration
{
    public JobConfiguration Job { get; init; } = new();

    public HostIdentityConfiguration Host { get; init; } = new();

    /// <summary>Redis, Valkey or Garnet: "address:port", options after a comma ("address:port,password=..."). Default: 127.0.0.1:6379.</summary>
    public string Redis { get; init; } = "127.0.0.1:6379";

    /// <summary>
    /// How many seconds a host that starts waits for a Redis server that is not up yet. Range: 0 to a week. Default: 120; within this time a machine
    /// boots and a server loads its data.
    /// </summary>
    public double RedisWaitSeconds { get; init; } = 120;

    /// <summary>The job's secret, the same file on every host, readable by its owner only.</summary>
    public string SecretFile { get; init; } = "";

    /// <summary>A folder on a tmpfs. Default: <see cref="HostPaths.DefaultRoot"/>.</summary>
    public string MemoryRoot { get; init; } = HostPaths.DefaultRoot;

    /// <summary>Folder for the trainers' logs. Default: "logs" beside the configuration file.</summary>
    public string Logs { get; init; } = "logs";

    /// <summary>
    /// Whether the host writes its own log (on its console) as one JSON object per line instead of text, for log collectors. Default: false.
    /// </summary>
    public bool JsonLogs { get; init; }

    public TrainerConfiguration Trainer { get; init; } = new();

    /// <summary>Where and how often snapshots are copied to persistent storage. Default: absent; snapshots are not stored.</summary>
    public StorageConfiguration? Storage { get; init; }

    /// <summary>Whom to ask for a machine when a host is lost. Default: absent; nobody is asked, and people start hosts.</summary>
    public MachinesConfiguration? Machines { get; init; }

    /// <summary>How long the root agent waits before it counts silence as a failure.</summary>
    public HealthOptions Health { get; init; } = new();

    /// <summary>The limits of each room.</summary>
    public AdvancedConfiguration Advanced { get; init; } = new();

    /// <summary>How soon a silent host counts as lost: "default" or "fast".</summary>
    public TimingProfile Timing { get; init; } = TimingProfile.Default;

    /// <summary>
    /// What the host does when the job has ended: "stay", or "exit" for a job that a scheduler started (Slurm, a Kubernetes Job). Exit code 0 if the
    /// job is finished, 1 if the job has been failed for 5 minutes. Default: "stay".
    /// </summary>
    public WhenCompleted WhenCompleted { get; init; } = WhenCompleted.Stay;

    /// <summary>
    /// The host belongs to the process that holds the other end of its standard input. When the input ends, the host stops and removes its memory. So
    /// the host never outlives its launcher. Default: false.
    /// </summary>
    public bool StopWhenInputEnds { get; init; }

    /// <summary>
    /// Path of the unix socket of the drill that this host belongs to. The drill can pause the host's processes at chosen moments. Only with
    /// <see cref="StopWhenInputEnds"/>. Default: absent, no drill.
    /// </summary>
    public string? DrillSocket { get; init; }

    /// <summary>Orleans' name of the cluster; a client needs it too.</summary>
    public string ClusterId => "gemini-" + Job.Name;

    public HostName HostName => new(Host.Name);

    public HostPaths Paths => new(MemoryRoot, Job.Name, HostName);

    /// <summary>What every host of the job must agree on.</summary>
    public JobSpec ToJobSpec() => new()
    {
        Name = Job.Name,
        Hosts = [.. Job.Hosts.Select(host => new HostName(host))],
        Standbys = [.. Job.Standbys.Select(host => new HostName(host))],
        RanksPerHost = Job.RanksPerHost,
        Replicas = Job.Replicas,
        Mode = Job.CheckpointMode,
        BaselineInterval = CheckpointPolicy.Of(Job.CheckpointMode).WaitsForIdleSpans ? Job.BaselineInterval : 0,
        Storage = Storage?.ToPolicy(CheckpointPolicy.Of(Job.CheckpointMode)),
        Trainer = Trainer.ToCompared(),
        Placement = Job.ToPlacement(),
        Domains = Job.Domains,
        Labels = [.. Job.Labels.OrderBy(host => host.Key, StringComparer.Ordinal).SelectMany(host => ToLabels(host.Key, host.Value))],
    };

    /// <summary>The root agent's options while it runs on this host.</summary>
    public CoordinatorOptions ToCoordinatorOptions() => Advanced.Recovery with { Health = Health, Machines = Machines?.ToOptions() };

    /// <summary>Where this host stores snapshots; null: this host stores none.</summary>
    internal StoragePlace? ToStoragePlace() => Storage is { } storage ? new StoragePlace(storage.Directory, storage.GroupReads) : null;

    /// <summary>How this host starts its trainers.</summary>
    /// <exception cref="BadInputException">There is no such program.</exception>
    internal TrainerOptions ToTrainerOptions() => new(Advanced.Trainer)
    {
        Command = TrainerLocator.Locate(Trainer),
        Arguments = Trainer.Arguments,
        WorkingDirectory = Trainer.WorkingDirectory,
        LogDirectory = Path.Combine(Logs, Host.Name),
        Gateway = Host.GatewayEndpoint().ToString(),
        ClusterId = ClusterId,
        ServiceId = ClusterId,
        SecretFile = SecretFile,
        RingAddress = Host.Address,
        Ports = Trainer.ToPorts(),
        Environment = DrillSocket is { } drill
            ? ImmutableDictionary<string, string>.Empty.Add(TrainerEnvironment.DrillSocket, drill)
            : ImmutableDictionary<string, string>.Empty,
        Spares = Trainer.Spares,
        ReturnFloor = Health.StuckFloor,
        ReturnMultiple = Health.StuckMultiple,
    };

    /// <summary>The labels that this host states about itself, in addition to the job's labels.</summary>
    public ImmutableArray<HostLabel> OwnLabels() => [.. ToLabels(Host.Name, Host.Labels)];

    private static IEnumerable<HostLabel> ToLabels(string host, ImmutableSortedDictionary<string, string> labels) =>
        labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => new HostLabel(new HostName(host), label.Key, label.Value));
}
