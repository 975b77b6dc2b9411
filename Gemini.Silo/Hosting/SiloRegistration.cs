using System.Net;
using Gemini.Grains.Hosting;
using Gemini.Interfaces.Wire;
using Gemini.Silo.Configuration;
using Gemini.Silo.Registration;
using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Serialization;
using StackExchange.Redis;

namespace Gemini.Silo.Hosting;

/// <summary>The silo of a host: where it listens, its cluster, its records in Redis, and how soon it declares a silent silo dead.</summary>
internal static class SiloRegistration
{
    /// <summary>How often Orleans' dashboard samples its counters.</summary>
    private static readonly TimeSpan DashboardInterval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many grains' locations a silo keeps: more than a job of a thousand hosts has. Orleans makes room for a million of them at once, and the
    /// dashboard walks through that room every second to count them.
    /// </summary>
    private const int KnownGrainsMax = 4096;

    public static void AddGeminiSilo(this ISiloBuilder silo, HostConfiguration configuration)
    {
        silo.Configure<ClusterOptions>(options =>
        {
            options.ClusterId = configuration.ClusterId;
            options.ServiceId = configuration.ClusterId;
        });
        silo.Configure<SiloOptions>(options => options.SiloName = configuration.Host.Name);
        silo.ConfigureEndpoints(
            IPAddress.Parse(configuration.Host.Address), configuration.Host.SiloPort, configuration.Host.GatewayPort, listenOnAnyHostAddress: false);
        silo.Configure<EndpointOptions>(options => options.GatewayListeningEndpoint = configuration.Host.GatewayListeningEndpoint());
        silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = KnownGrainsMax);
        AddCallGuard(silo.Services, configuration);
        AddRedis(silo, configuration);
        silo.AddGeminiGrains(configuration.ToJobSpec());
        // No validator here: the validator of the whole configuration also checks these options, because their rules relate them to other options of
        // the host.
        silo.Services.AddRoomOptions(configuration.ToCoordinatorOptions(), _ => []);
        // A sample takes processor time on every host, whether anybody looks or not.
        silo.AddDashboard(options => options.CounterUpdateIntervalMs = (int)DashboardInterval.TotalMilliseconds);
        AddDetection(silo, configuration.Timing);
    }

    private static void AddRedis(ISiloBuilder silo, HostConfiguration configuration)
    {
        var redis = ConfigurationOptions.Parse(configuration.Redis);
        (redis.AbortOnConnectFail, redis.ConnectTimeout) = (false, 2000);
        silo.UseRedisClustering(options => options.ConfigurationOptions = redis);
        // The built-in directory keeps an entry on the silo that a hash chooses, and loses the entry with that silo. Then a second root agent would
        // come up.
        silo.UseRedisGrainDirectoryAsDefault(options => options.ConfigurationOptions = redis);
        silo.AddRedisGrainStorage(GeminiGrains.RecordStorage, options =>
        {
            options.ConfigurationOptions = redis;
            options.GetStorageKey = (state, grain) => RecordStore.KeyOf(configuration.ClusterId, state, grain);
        });
        // By default a value of 0 is not written. A property whose default is not 0 would come back with another value.
        silo.Services.Configure<OrleansJsonSerializerOptions>(
            options => options.JsonSerializerSettings.DefaultValueHandling = Newtonsoft.Json.DefaultValueHandling.Include);
    }

    private static void AddCallGuard(IServiceCollection services, HostConfiguration configuration)
    {
        services.AddSingleton(provider => new CallMark(provider.GetRequiredService<JobSecret>(), configuration.ClusterId));
        services.AddSingleton<CallGuard>();
        services.AddSingleton<IIncomingGrainCallFilter>(provider => provider.GetRequiredService<CallGuard>());
        services.AddSingleton<IOutgoingGrainCallFilter>(provider => provider.GetRequiredService<CallGuard>());
    }

    private static void AddDetection(ISiloBuilder silo, TimingProfile timing)
    {
        silo.Configure<ClusterMembershipOptions>(timing == TimingProfile.Fast ? SiloTiming.ApplyFast : SiloTiming.ApplyDefault);
        // A call to a silo that dies fails at the verdict. A call to a silo that hangs must not delay a recovery for long.
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Services.AddSingleton<CrashDetector>();
        silo.Configure<SiloConnectionOptions>(options =>
        {
            options.ConfigureSiloOutboundConnection(connection => connection.Use(next => opened => Detector(connection).OnOpenedAsync(opened, next)));
            options.ConfigureSiloInboundConnection(connection => connection.Use(next => accepted => Detector(connection).OnAcceptedAsync(accepted, next)));
        });

        static CrashDetector Detector(IConnectionBuilder connection) => connection.ApplicationServices.GetRequiredService<CrashDetector>();
    }
}
