using System.Collections.Immutable;
using System.Net;
using Gemini.Grains.Health;
using Gemini.Grains.Hosting;
using Gemini.Grains.Hosts;
using Gemini.Grains.Recovery;
using Gemini.Interfaces.Model;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Machines;
using Gemini.Silo.Memory;
using Gemini.Silo.Persistence;
using Gemini.Silo.Trainers;
using Gemini.Silo.Transfer;
using Orleans.Configuration;
using Orleans.Dashboard;
using StackExchange.Redis;

namespace Gemini.Silo.Hosting;

/// <summary>One host: its silo, its memory, its data port, its trainers and its web page, in one process.</summary>
public static partial class SiloHost
{
    /// <summary>Bounds a clean stop: trainers are told to exit, the silo leaves the cluster.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs until the process is told to end, the job has ended, or the host cannot take part. Returns the exit code.</summary>
    /// <exception cref="BadInputException">Redis cannot be reached, a port is taken, or the memory root cannot be used.</exception>
    public static async Task<int> RunAsync(HostConfiguration configuration, StopSignals signals)
    {
        await using var app = Build(configuration, signals);
        using var folder = HostLock.Take(configuration);
        if (!await AdmitAsync(configuration, app, signals) || !await StartAsync(app, signals)) return ExitCodes.Success;
        var exitCode = await app.Services.GetRequiredService<Departure>().WaitAsync(signals, app.Lifetime.ApplicationStopping);
        await app.StopAsync(CancellationToken.None);
        return app.Services.GetRequiredService<HostLifetime>().End is { } end ? ExitCodeOf(end) : exitCode;
    }

    /// <summary>A refusal has one code, whether it comes before the start or from the root agent.</summary>
    internal static int ExitCodeOf(HostLoopEnd end) => end.IsRefusal ? ExitCodes.BadInput : ExitCodes.Failed;

    /// <summary>False: the process was told to end before the host was up, and whatever had begun is stopped.</summary>
    internal static async Task<bool> StartAsync(IHost app, StopSignals signals)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, signals.Restart);
        try
        {
            await app.StartAsync(end.Token);
            return true;
        }
        catch (Exception) when (end.IsCancellationRequested)
        {
            // However far the start came, each service is stopped; those that it did not reach do nothing.
            await app.StopAsync(CancellationToken.None);
            return false;
        }
    }

    /// <summary>Changes the specification in the job's record, and starts nothing. Returns what has changed.</summary>
    /// <exception cref="BadInputException">The change is not possible, or not now.</exception>
    public static async Task<ImmutableArray<SpecDifference>> RespecifyAsync(HostConfiguration configuration, CancellationToken ct)
    {
        await using var app = Build(configuration, new StopSignals(ct, CancellationToken.None, CancellationToken.None));
        return await Respecification.RunAsync(configuration, app.Services, TimeProvider.System, ct);
    }

    /// <summary>False: the process was told to end before it was known whether the host may take part.</summary>
    /// <exception cref="BadInputException">The host may not take part.</exception>
    private static async Task<bool> AdmitAsync(HostConfiguration configuration, WebApplication app, StopSignals signals)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, signals.Restart);
        try
        {
            var notice = await HostAdmission.EnsureAsync(configuration, app.Services, TimeProvider.System, end.Token);
            if (notice is not null) LogNotice(app.Logger, notice);
            return true;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return false;
        }
    }

    private static WebApplication Build(HostConfiguration configuration, StopSignals signals)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Configuration.Sources.Clear();
        HostLogging.Configure(builder.Logging, configuration);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopLimit);
        // Without a web port the page is on a free port of the loopback that nobody is told of.
        var web = configuration.Host.WebPort > 0 ? IPAddress.Parse(configuration.Host.Address) : IPAddress.Loopback;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(web, configuration.Host.WebPort));
        builder.UseOrleans(silo => ConfigureSilo(silo, configuration));
        AddHost(builder.Services, configuration);
        builder.Services.AddSingleton(signals);
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.Services.AddSingleton<Departure>();
        var app = builder.Build();
        app.MapOrleansDashboard("/orleans");
        app.MapGet("/", () => Results.Redirect("/orleans"));
        return app;
    }

    private static void ConfigureSilo(ISiloBuilder silo, HostConfiguration configuration)
    {
        var redis = RedisOptions(configuration);
        silo.Configure<ClusterOptions>(options =>
        {
            options.ClusterId = configuration.ClusterId;
            options.ServiceId = configuration.ClusterId;
        });
        silo.Configure<SiloOptions>(options => options.SiloName = configuration.Host.Name);
        silo.ConfigureEndpoints(
            IPAddress.Parse(configuration.Host.Address), configuration.Host.SiloPort, configuration.Host.GatewayPort, listenOnAnyHostAddress: false);
        silo.Configure<EndpointOptions>(options => options.GatewayListeningEndpoint = configuration.Host.GatewayListeningEndpoint());
        AddCallGuard(silo.Services, configuration);
        silo.UseRedisClustering(options => options.ConfigurationOptions = redis);
        // The built-in directory keeps entries on whatever silo the hash says, and loses them with it: a second root agent would come up.
        silo.UseRedisGrainDirectoryAsDefault(options => options.ConfigurationOptions = redis);
        silo.AddRedisGrainStorage(GeminiGrains.RecordStorage, options =>
        {
            options.ConfigurationOptions = redis;
            options.GetStorageKey = (state, grain) => RecordStore.KeyOf(configuration.ClusterId, state, grain);
        });
        silo.AddGeminiGrains(configuration.ToJobSpec());
        silo.AddDashboard();
        ConfigureDetection(silo, configuration.Timing);
    }

    private static void AddCallGuard(IServiceCollection services, HostConfiguration configuration)
    {
        services.AddSingleton(provider => new CallMark(provider.GetRequiredService<JobSecret>(), configuration.ClusterId));
        services.AddSingleton<CallGuard>();
        services.AddSingleton<IIncomingGrainCallFilter>(provider => provider.GetRequiredService<CallGuard>());
        services.AddSingleton<IOutgoingGrainCallFilter>(provider => provider.GetRequiredService<CallGuard>());
    }

    private static void ConfigureDetection(ISiloBuilder silo, TimingProfile timing)
    {
        silo.Configure<ClusterMembershipOptions>(timing == TimingProfile.Fast ? SiloTiming.ApplyFast : SiloTiming.ApplyDefault);
        // A call to a silo that dies fails at the verdict; one to a silo that hangs should not hold a recovery up for long.
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Services.AddSingleton<CrashDetector>();
        silo.Configure<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloOutboundConnection(connection => connection.UseMiddleware<CrashDetector>());
            options.ConfigureSiloInboundConnection(connection => connection.UseMiddleware<CrashDetector>());
        });
    }

    private static void AddHost(IServiceCollection services, HostConfiguration configuration)
    {
        var job = configuration.ToJobSpec();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(configuration);
        services.AddSingleton(JobSecret.Load(configuration.SecretFile));
        services.AddSingleton(provider => new HostMemory(
            configuration.Paths, job.Name, new HostMemoryOptions(), provider.GetRequiredService<ILogger<HostMemory>>()));
        services.AddSingleton(provider => new TrainerSupervisor(
            job, configuration.HostName, configuration.Paths, ToTrainerOptions(configuration), TimeProvider.System,
            provider.GetRequiredService<ILogger<TrainerSupervisor>>()));
        services.AddSingleton(new TransferOptions());
        services.AddSingleton<TransferCounters>();
        services.AddSingleton(provider => new DataConnector(
            provider.GetRequiredService<JobSecret>(), job.Name, provider.GetRequiredService<TransferOptions>(), TimeProvider.System,
            provider.GetRequiredService<TransferCounters>()));
        services.AddSingleton(provider => new DataPort(
            provider.GetRequiredService<HostMemory>(), provider.GetRequiredService<JobSecret>(), job.Name, provider.GetRequiredService<TransferOptions>(),
            TimeProvider.System, provider.GetRequiredService<TransferCounters>(), provider.GetRequiredService<ILogger<DataPort>>()));
        services.AddSingleton<ITrainerProbe>(provider => new TrainerProbe(provider.GetRequiredService<JobSecret>(), TimeProvider.System));
        services.Configure<CoordinatorOptions>(options => options.Health = configuration.Health.ToOptions());
        services.AddSingleton<ReplicaFetcher>();
        services.AddSingleton(provider => IdentityOf(configuration, provider.GetRequiredService<ILocalSiloDetails>()));
        services.AddSingleton<HostState>();
        services.AddSingleton(provider => HostStorage.Create(
            configuration, job, provider.GetRequiredService<HostMemory>(), provider.GetRequiredService<HostState>(), TimeProvider.System,
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IChunkSource, PeerChunks>();
        services.AddSingleton(new ScrubOptions());
        services.AddSingleton<Scrubber>();
        AddWorkerAgent(services);
        AddMachines(services, configuration);
        services.AddSingleton<HostLifetime>();
        services.AddHostedService(provider => provider.GetRequiredService<HostLifetime>());
        services.AddHostedService<MembershipKeeper>();
    }

    private static void AddWorkerAgent(IServiceCollection services)
    {
        services.AddSingleton<IHostMemory>(provider => provider.GetRequiredService<HostMemory>());
        services.AddSingleton<ITrainers>(provider => provider.GetRequiredService<TrainerSupervisor>());
        services.AddSingleton<IReplicaLinks, ReplicaSenders>();
        services.AddSingleton<ICopySource>(provider => provider.GetRequiredService<ReplicaFetcher>());
        services.AddSingleton<IStorageTier>(provider => provider.GetRequiredService<HostStorage>());
        services.AddSingleton<IControlPlane, ControlPlane>();
        services.AddSingleton<IBackgroundWork, BackgroundWork>();
        services.AddSingleton<WorkerAgentPorts>();
        services.AddSingleton<WorkerAgent>();
        services.AddSingleton<IHostRuntime>(provider => provider.GetRequiredService<WorkerAgent>());
    }

    private static HostIdentity IdentityOf(HostConfiguration configuration, ILocalSiloDetails silo)
    {
        var host = configuration.Host;
        var web = host.WebPort > 0 ? $"http://{host.EndpointOf(host.WebPort)}" : "";
        var data = host.EndpointOf(host.DataPort).ToString();
        return new HostIdentity(new HostName(host.Name), silo.SiloAddress.Generation, data, web)
        {
            ProcessId = Environment.ProcessId,
            Labels = configuration.OwnLabels(),
        };
    }

    private static void AddMachines(IServiceCollection services, HostConfiguration configuration)
    {
        if (configuration.Machines is not { } machines) return;
        services.AddSingleton(MachineOperators.Create(machines, TimeProvider.System));
        services.Configure<CoordinatorOptions>(coordinator => coordinator.Machines = machines.ToOptions());
    }

    private static TrainerOptions ToTrainerOptions(HostConfiguration configuration) => new()
    {
        Command = TrainerLocator.Locate(configuration.Trainer),
        Arguments = configuration.Trainer.Arguments,
        WorkingDirectory = configuration.Trainer.WorkingDirectory,
        LogDirectory = Path.Combine(configuration.Logs, configuration.Host.Name),
        Gateway = configuration.Host.GatewayEndpoint().ToString(),
        ClusterId = configuration.ClusterId,
        ServiceId = configuration.ClusterId,
        SecretFile = configuration.SecretFile,
        RingAddress = configuration.Host.Address,
        Ports = configuration.Trainer.ToPorts(),
        Environment = configuration.DrillSocket is { } drill
            ? ImmutableDictionary<string, string>.Empty.Add(TrainerEnvironment.DrillSocket, drill)
            : ImmutableDictionary<string, string>.Empty,
        Spares = configuration.Trainer.Spares,
        ReturnFloor = configuration.Health.ToOptions().StuckFloor,
        ReturnMultiple = configuration.Health.StuckMultiple,
    };

    private static ConfigurationOptions RedisOptions(HostConfiguration configuration)
    {
        var options = ConfigurationOptions.Parse(configuration.Redis);
        options.AbortOnConnectFail = false;
        options.ConnectTimeout = 2000;
        return options;
    }

    [LoggerMessage(3170, LogLevel.Warning, "{Notice}")]
    private static partial void LogNotice(ILogger logger, string notice);
}
